import type { ContextFound } from "../../src/protocol/panel/contextRef.ts";
import { toFileRef } from "./told.ts";

/** What an editor offers after @. */
export const nearby: ContextFound[] = [
  {
    ref: { ...toFileRef("src/calculator/add.ts", 3, 5), icon: "list-selection" },
    label: "Selection",
    detail: "src/calculator/add.ts:3-5",
  },
  { ref: toFileRef("src/calculator/add.ts"), label: "add.ts", detail: "src/calculator" },
  { ref: toFileRef("test/calculator/add.test.ts"), label: "add.test.ts", detail: "test/calculator" },
  {
    ref: { kind: "folder", label: "src/calculator/", icon: "folder", uri: "file:///work/src/calculator" },
    label: "calculator/",
    detail: "src",
  },
  { ref: { kind: "problems", label: "Problems", icon: "warning" }, label: "Problems", detail: "3" },
  {
    ref: { kind: "terminal", label: "Terminal output", icon: "terminal", id: "output" },
    label: "Terminal output",
    detail: "npm test -- add",
  },
  {
    ref: { kind: "changes", label: "Unstaged changes", icon: "git-compare", id: "unstaged" },
    label: "Unstaged changes",
    detail: "2 files",
  },
  {
    ref: { kind: "session", label: "Nightly dependency check", icon: "comment-discussion", id: "nightly" },
    label: "Nightly dependency check",
    detail: "2 hr. ago",
  },
];
