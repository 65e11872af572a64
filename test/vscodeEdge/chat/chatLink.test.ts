import { expect, test } from "vitest";
import { readChatLink } from "../../../src/vscode/chat/chatLink.ts";

test.each([
  ["/chat", "text=Fix%20%23123%20%26%20more", "Fix #123 & more"],
  ["/chat", "", ""],
  ["/chat", "session=main&send=1&model=x&text=hi", "hi"],
  ["/chat", "text=rm%20-rf%E2%80%AE%00", "rm -rf\\u{202e}\\u{0}"],
  ["/chat", "text=%", "%"],
  ["/send", "text=hi", undefined],
  ["", "text=hi", undefined],
  ["/chat/../run", "text=hi", undefined],
])("the link %s?%s fills in %j", (path, query, text) => {
  expect(readChatLink({ path, query })).toBe(text);
});

test("a long text of a link is cut", () => {
  expect(readChatLink({ path: "/chat", query: `text=${"a".repeat(20_000)}` })!.length).toBeLessThanOrEqual(10_000);
});
