import encode from "qr";
import { expect, test } from "vitest";
import { pairPhone, removePhone } from "../../../src/vscode/choices/phones.ts";
import { pairingPage } from "../../../src/vscode/pages/pairingPage.ts";
import { createEdgeGateway, createEdgeWindow } from "../editor/edge.ts";
import { openScreen, screen } from "../editor/vscode.ts";

const offer = {
  code: "ACDEFGHJ",
  expiresAt: "2026-11-26T08:10:00.000Z",
  scopes: ["read", "approvals"],
  urls: ["https://box.example.org:3000/phone/#ACDEFGHJ", "https://192.168.1.5:3000/phone/#ACDEFGHJ"],
};
const words = { title: "Pair <a> phone", how: "how", code: "Code", until: "until", may: "may", others: "others" };

test("the page shows the address with its code as a picture, the letters once, and runs nothing", () => {
  const html = pairingPage(offer, words, { nonce: "n", script: "s.js" });
  expect(html).toContain(encode(offer.urls[0]!, "svg"));
  expect(html.split("ACDEFGHJ")).toHaveLength(2);
  expect(html).toContain("<li>https://192.168.1.5:3000/phone/</li>");
  expect(html).not.toMatch(/<a>|style="/);
});

test("what a phone may do is chosen before there is a code; Escape makes none", async () => {
  openScreen([[/^What the phone may do/, "Write to sessions as well"]]);
  const gateway = createEdgeGateway({ "phones.pair": { ...offer, urls: [] } });
  const { window } = createEdgeWindow(gateway);
  await pairPhone(window);
  expect(gateway.calls).toEqual([["phones.pair", { send: true }]]);
  expect(screen.asked.at(-1)!.text).toBe("This machine has no address that phones could reach.");
  await pairPhone(window);
  expect(gateway.calls).toHaveLength(1);
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
