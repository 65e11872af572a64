import encode from "qr";
import { expect, onTestFinished, test, vi } from "vitest";
import { pairPhone, removePhone } from "../../../src/vscode/choices/phones.ts";
import { pairingPage } from "../../../src/vscode/pages/pairingPage.ts";
import { createEdgeGateway, createEdgeWindow } from "../editor/edge.ts";
import { openScreen, screen, Uri } from "../editor/vscode.ts";

const offer = {
  code: "ACDEFGHJ",
  expiresAt: "2026-11-26T08:10:00.000Z",
  scopes: ["read", "approvals"],
  urls: ["https://box.example.org:3000/phone/#ACDEFGHJ", "https://192.168.1.5:3000/phone/#ACDEFGHJ"],
  selfSigned: false,
};
const words = {
  title: "Pair <a> phone",
  how: "how",
  code: "Code",
  until: "until",
  may: "may",
  others: "others",
  warning: "warned",
};

test("the page shows the address with its code as a picture, the letters once, and runs nothing", () => {
  const html = pairingPage(offer, words, { nonce: "n", script: "s.js" });
  expect(html).toContain(encode(offer.urls[0]!, "svg"));
  expect(html.split("ACDEFGHJ")).toHaveLength(2);
  expect(html).toContain("<li>https://192.168.1.5:3000/phone/</li>");
  expect(html).not.toMatch(/<a>|style="|warned/);
});

test("it warns of a certificate that phones do not trust", () => {
  const html = pairingPage({ ...offer, selfSigned: true }, words, { nonce: "n", script: "s.js" });
  expect(html).toContain('<p role="note">⚠ warned</p>');
});

test("what a phone may do is chosen before there is a code; Escape makes none", async () => {
  openScreen([[/^What the phone may do/, "Write to sessions as well"]]);
  const gateway = createEdgeGateway({ "phones.pair": { ...offer, urls: [] }, "phones.list": { phones: [] } });
  const { window } = createEdgeWindow(gateway);
  await pairPhone(window);
  expect(gateway.calls).toEqual([
    ["phones.list", {}],
    ["phones.pair", { send: true }],
  ]);
  expect(screen.asked.at(-1)!.text).toBe("This machine has no address that phones could reach.");
  await pairPhone(window);
  expect(gateway.calls).toHaveLength(2);
});

test("the page says who came in, and shows a code no longer that is used, void or over", async () => {
  vi.useFakeTimers({ now: Date.parse("2026-11-26T08:00:00.000Z") });
  onTestFinished(() => void vi.useRealTimers());
  const paired = { id: "a", name: "Old", scopes: ["read"], pairedAt: "2026-11-26T08:00:00.000Z" };
  let listed = { phones: [paired], pending: [{ expiresAt: offer.expiresAt }] as object[] };
  const gateway = createEdgeGateway({ "phones.pair": offer, "phones.list": () => listed });
  const { window } = createEdgeWindow(gateway, {});
  const show = async () => {
    openScreen([[/^What the phone may do/, "Look, answer approvals and stop runs"]]);
    Object.assign(window.context, { extensionUri: Uri.file("/extension") });
    listed = { phones: [paired], pending: [{ expiresAt: offer.expiresAt }] };
    await pairPhone(window);
    const [page] = screen.pages;
    return () => (page!["webview"] as { html: string }).html;
  };
  const change = async () => {
    gateway.tell({ type: "gateway.changed", reason: "phones" });
    await vi.advanceTimersByTimeAsync(0);
  };
  const came = await show();
  await change();
  expect(came()).toContain("<svg");
  listed = { phones: [paired, { ...paired, id: "b", name: "<b>iPhone" }], pending: [] };
  await change();
  expect(came()).toContain("&#60;b&#62;iPhone is paired.");
  expect(came()).not.toMatch(/<svg|ACDEFGHJ/);
  const spent = await show();
  listed = { phones: [paired], pending: [] };
  await change();
  expect(spent()).toContain("lets nobody in any more");
  const over = await show();
  await vi.advanceTimersByTimeAsync(10 * 60_000);
  expect(over()).toContain("lets nobody in any more");
  const calls = gateway.calls.length;
  await change();
  expect(gateway.calls).toHaveLength(calls);
});

test("a phone is removed after one question; where none is paired it is said", async () => {
  openScreen([
    [/^Remove which phone/, "iPhone"],
    [/^Remove iPhone/, "Remove"],
  ]);
  const phone = { id: "iPhone-0a1b2c3d", name: "iPhone", scopes: ["read"], pairedAt: "2026-11-26T08:10:00.000Z" };
  let phones = [phone];
  const gateway = createEdgeGateway({ "phones.list": () => ({ phones }), "phones.remove": { id: phone.id } });
  const { window } = createEdgeWindow(gateway);
  await removePhone(window);
  expect(gateway.calls.at(-1)).toEqual(["phones.remove", { id: phone.id }]);
  phones = [];
  await removePhone(window);
  expect(screen.asked.at(-1)!.text).toBe("No phone is paired.");
  expect(gateway.calls.filter(([name]) => name === "phones.remove")).toHaveLength(1);
});
