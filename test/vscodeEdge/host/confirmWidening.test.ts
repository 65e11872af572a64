import { beforeEach, expect, test } from "vitest";
import { confirmWidening, wideningText } from "../../../src/vscode/host/confirmWidening.ts";
import { openScreen, screen } from "../editor/vscode.ts";

beforeEach(() => void openScreen());

test("each key stands with its whole value, and what would hide is shown", () => {
  const long = "x".repeat(5000);
  expect(
    wideningText([
      { key: "agent.approvals", value: "auto" },
      { key: "mcp.servers.a", value: `{"command":"${long}\u202e"}` },
    ]),
  ).toBe(`agent.approvals: auto\nmcp.servers.a: {"command":"${long}\\u{202e}"}`);
});

test("a key of several lines stays in its own", () => {
  expect(wideningText([{ key: "gateway.tokens.a\n\nAll is well", value: "1" }])).toBe(
    "gateway.tokens.a ⏎ All is well: 1",
  );
});

test("what fits into a dialog is asked there", async () => {
  screen.answers.push([/asks for more/, "Allow"]);
  const asked = { file: "/w/openclaw.yml", changes: [{ key: "agent.approvals", value: '"auto"' }] };
  expect(await confirmWidening({ openText: () => Promise.reject(new Error("not opened")) }, asked)).toBe(true);
  expect(screen.asked[0]?.detail).toContain('agent.approvals: "auto"');
});

test("what would run off the screen is a page, beside which what matters most is named", async () => {
  const pages: string[] = [];
  const openText = async (_name: string, text: string) => (pages.push(text), {} as never);
  const prices = Array.from({ length: 60 }, (_, at) => ({ key: `prices.a/m${at}`, value: "{}" }));
  const changes = [{ key: "agent.approvals", value: '"auto"' }, ...prices];
  expect(await confirmWidening({ openText }, { file: "/w/openclaw.yml", changes })).toBe(false);
  expect(pages).toEqual([expect.stringContaining('agent.approvals: "auto"\nprices.a/m0: {}\n')]);
  expect(pages[0]).toContain("prices.a/m59: {}");
  const [asked] = screen.asked;
  // No other kind stays in sight while the page is read.
  expect(asked?.kind).toBe("error");
  expect(asked?.detail).toBeUndefined();
  expect(asked?.text).toMatch(/: agent\.approvals, prices\.a\/m0, .*, … \(61\)$/);
  expect(asked?.choices).toEqual(["Allow", "Not now"]);
});
