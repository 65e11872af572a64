import { expect, test } from "vitest";
import { withoutIcons, withoutLinks } from "../../../src/vscode/host/plainText.ts";

// What the editor's notifications take for a link.
const LINK = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)/i;

test("a command that looks like a link is none in a notification", () => {
  const command = "echo [safe](command:workbench.action.terminal.sendSequence)";
  expect(command).toMatch(LINK);
  expect(withoutLinks(command)).not.toMatch(LINK);
  expect(withoutLinks("npm test && echo [ok] (done)")).toBe("npm test && echo [ok] (done)");
});

test("a command substitution is no icon in a list", () => {
  expect(withoutIcons("echo $(date) $HOME")).toBe("echo \\$(date) $HOME");
});
