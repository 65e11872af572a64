import { expect, test } from "vitest";
import { readTree } from "./tree.ts";

const files = [...readTree(["src", "webview-ui"], [".ts", ".tsx"])];

test("a table that is asked for names from outside has none that every object has", () => {
  const found = files.flatMap(([file, source]) =>
    [...source.matchAll(/^(?:export )?const (\w+): Record<string, [^\n]*= \{/gm)]
      .map(([, name]) => name!)
      .filter((name) => new RegExp(`\\b${name}\\[[^"\\]]|\\bin ${name}\\b`).test(source))
      .filter((name) => !source.includes(`Object.hasOwn(${name}, `))
      .map((name) => `${file}: ${name} is a nameTable(...), or is asked by Object.hasOwn first`),
  );
  expect(found).toEqual([]);
});
