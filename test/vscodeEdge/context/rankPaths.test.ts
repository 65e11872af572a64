import { describe, expect, test } from "vitest";
import { rankPaths, scorePath, toKnownPath } from "../../../src/vscode/context/rankPaths.ts";
import { ownStretch } from "../../fakes/longestStretch.ts";

const known = (...paths: string[]) => paths.map(toKnownPath);

describe("paths that fit what was typed", () => {
  test.each([
    ["main", ["src/main.ts", "src/domain.ts", "main/other.ts"]],
    ["main.ts", ["src/main.ts", "src/app/main.tsx"]],
    ["src/ma", ["src/main.ts", "lib/src/map.ts"]],
    ["rl", ["src/runLoop.ts"]],
    ["SRC\\MAIN", ["src/main.ts"]],
    ["runloop", ["src/runLoop.ts"]],
    ["wvcomp", ["webview/composer.tsx"]],
  ])("%s: the best come first", async (typed, expected) => {
    const paths = known("README.md", ...expected.toReversed());
    const found = (await rankPaths(paths, typed, 10)).map(({ path }) => path);
    expect(found.slice(0, expected.length)).toEqual(expected);
  });

  test("what lacks a letter does not fit", () => {
    expect(scorePath(toKnownPath("src/main.ts"), "mainz")).toBe(0);
    expect(scorePath(toKnownPath("src/main.ts"), "tsmain")).toBe(0);
  });

  test("fifty thousand are looked through in short stretches, and only the best are kept", async () => {
    const paths = known(...Array.from({ length: 50_000 }, (_, at) => `packages/p${at % 97}/src/file${at}.ts`));
    let found: string[] = [];
    const look = async () => (found = (await rankPaths(paths, "file4999", 20)).map(({ path }) => path));
    const longest = await ownStretch(50, look);
    expect(found).toHaveLength(20);
    expect(found[0]).toMatch(/file4999\.ts$/);
    expect(found.slice(0, 11).every((path) => path.includes("file4999"))).toBe(true);
    expect(longest).toBeLessThan(50);
  });
});
