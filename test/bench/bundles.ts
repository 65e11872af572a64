import { fileURLToPath } from "node:url";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Figure } from "./run.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Sizes of what ships, after `npm run package`. */
export async function bundles(): Promise<Figure[]> {
  const size = (path: string) => statSync(join(root, path), { throwIfNoEntry: false })?.size ?? NaN;
  const packages = readdirSync(join(root, "out"), { recursive: true }).filter((name) => String(name).endsWith(".vsix"));
  return [
    { name: "dist/extension.cjs", value: size("dist/extension.cjs") / 1024, unit: "KB", aim: 200 },
    { name: "dist/webview/main.js", value: size("dist/webview/main.js") / 1024, unit: "KB", aim: 500 },
    ...packages.map((name) => ({
      name: String(name),
      value: size(join("out", String(name))) / 1024 / 1024,
      unit: "MB",
      aim: 8,
    })),
  ];
}
