import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Two projects: "unit" is all that runs in plain Node, "ui" drives a real VS Code and takes minutes. */
export default defineConfig({
  test: {
    root,
    projects: [
      {
        test: {
          name: "unit",
          root,
          include: ["test/**/*.test.{ts,tsx}"],
          exclude: ["test/vscode/**", "test/vscode-runtime/**", "**/node_modules/**"],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: "ui",
          root,
          include: ["test/vscode/ui/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          // One editor at a time: two browsers and two editors on two cores only time each other out.
          fileParallelism: false,
          maxWorkers: 1,
        },
      },
    ],
  },
});
