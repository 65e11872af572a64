import { build, context } from "esbuild";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { writeNotices } from "./notices.mjs";

// Usage: node esbuild.mjs [--production] [--watch] [--sizes]
process.chdir(import.meta.dirname);
const production = process.argv.includes("--production");
const watch = process.argv.includes("--watch");
const sizes = process.argv.includes("--sizes");

const common = {
  bundle: true,
  minify: production,
  sourcemap: production ? false : "linked",
  // Without it minifying renames functions that libraries look up by name.
  keepNames: true,
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
};

const node = { ...common, platform: "node", target: "node22" };

/** What the editor loads: small, so it starts at once; the agent behind it is loaded on first use. */
const extension = {
  ...node,
  entryPoints: ["src/extension.ts"],
  outfile: "dist/extension.cjs",
  format: "cjs",
  plugins: [builtBeside("./"), namesOnce()],
  // It has no libraries, which alone look functions up by name.
  keepNames: false,
  // ES modules ask where they are; in CommonJS there is another word for it.
  define: { "import.meta.url": "fileUrl" },
  banner: { js: 'const fileUrl = require("node:url").pathToFileURL(__filename).href;' },
};

/** What of the editor's edge is loaded at the first choice that a user makes. */
const choices = { ...extension, entryPoints: ["src/vscode/choices/index.ts"], outfile: "dist/choices.cjs" };

/** Commands that one seldom needs, loaded at the first of them. */
const deferred = { ...extension, entryPoints: ["src/vscode/deferred/index.ts"], outfile: "dist/deferred.cjs" };

const modules = {
  ...node,
  outdir: "dist",
  outExtension: { ".js": ".mjs" },
  chunkNames: "chunks/[name]-[hash]",
  format: "esm",
  // CommonJS packages call require() for Node's own modules, which an ES module does not have.
  banner: {
    js: 'import { createRequire as nodeRequire } from "node:module"; const require = nodeRequire(import.meta.url);',
  },
};

/** Libraries that are loaded on first use. */
const LIBRARIES = {
  "@anthropic-ai/sdk": "anthropic",
  "@google/genai": "google",
  "@modelcontextprotocol/client": "mcpClient",
  "@modelcontextprotocol/server": "mcpServer",
  "@modelcontextprotocol/server/stdio": "mcpStdio",
  openai: "openai",
  parse5: "parse5",
  selfsigned: "selfsigned",
};

/** They may look functions up by name. The thread that reads documents is hardly more than libraries. */
const libraries = {
  ...modules,
  entryPoints: [
    ...Object.entries(LIBRARIES).map(([path, name]) => ({ in: path, out: `libraries/${name}` })),
    { in: "src/tools/documents/documentThread.ts", out: "documentThread" },
  ],
  splitting: true,
  plugins: [httpWithoutFetch(), schemasOnFirstUse()],
};

/**
 * Ours keep the names they have in the source. To give each function back the one that minifying took from it is done
 * whenever one is made: a fifteenth of a start, and two properties more of each.
 */
const ours = {
  ...modules,
  minify: false,
  minifyWhitespace: production,
  minifySyntax: production,
  keepNames: false,
  splitting: true,
};

/** The agent, for the editor and for `pincer gateway`; parts that not every run needs are chunks of their own. */
const app = {
  ...ours,
  entryPoints: [
    { in: "src/app.ts", out: "app" },
    { in: "src/cli/runGateway.ts", out: "gateway" },
  ],
  external: ["playwright-core"],
  plugins: [partsWithAll(), builtLibraries(), httpWithoutFetch(), schemasOnFirstUse(), versionAlone()],
};

/**
 * What else the command line does, a chunk for each verb, and pages of the editor. They share no chunk with the agent: what
 * each verb has of it would be a file of its own, and a start would have to find and link eighty.
 */
const verbs = {
  ...ours,
  entryPoints: [
    { in: "src/cli/runCli.ts", out: "verbs" },
    { in: "src/vscode/pages/index.ts", out: "pages" },
  ],
  plugins: [builtLibraries(), httpWithoutFetch(), schemasOnFirstUse(), versionAlone(), builtBeside("../")],
};

/** What runs before Node.js is told to keep what it compiles. */
const cli = {
  ...ours,
  splitting: false,
  entryPoints: [
    { in: "src/cli.ts", out: "cli" },
    { in: "src/cli/terminal/keepCompiled.ts", out: "keepCompiled" },
  ],
  plugins: [versionAlone(), builtBeside("./")],
};

/** The chat panel, the script of the editor's pages, and the page that the gateway serves to phones. */
const webview = {
  ...common,
  entryPoints: [
    { in: "webview-ui/main.tsx", out: "main" },
    { in: "webview-ui/pages/page.ts", out: "page" },
    { in: "webview-ui/phone/phoneMain.tsx", out: "phone" },
    { in: "webview-ui/phone/phoneWorker.ts", out: "phoneWorker" },
  ],
  outdir: "dist/webview",
  platform: "browser",
  target: "es2022",
  format: "esm",
  jsx: "automatic",
  jsxImportSource: "preact",
  define: { "process.env.NODE_ENV": JSON.stringify(production ? "production" : "development") },
};

const bundles = [extension, choices, deferred, libraries, app, verbs, cli, webview];

// What `npm start` has built is what is in dist/ no longer, also if this is ended in the middle.
rmSync("out/start.stamp", { force: true });
copyAssets();
if (watch) {
  for (const bundle of bundles) await (await context(bundle)).watch();
  await writeConfigSchema();
  console.log("Watching; press Ctrl+C to stop.");
} else {
  const results = await Promise.all([...bundles.map((bundle) => build(bundle)), writeConfigSchema()]).catch(fail);
  chmodSync("dist/cli.mjs", 0o755);
  removeStale(results);
  escapeLetters(results);
  writeNotices(results.flatMap(({ metafile }) => Object.keys(metafile.inputs ?? {})));
  if (sizes) printSizes(results);
}

/** esbuild has printed its own errors where they are; any other is a fault of this file. */
function fail(error) {
  if (!error.errors) throw error;
  process.exit(1);
}

/** Leaves what is imported on first use as an import of the built file, which is in this folder. */
function builtBeside(folder) {
  const built = {
    "app.ts": "app.mjs",
    "pages/index.ts": "pages.mjs",
    "choices/index.ts": "choices.cjs",
    "deferred/index.ts": "deferred.cjs",
    "keepCompiled.ts": "keepCompiled.mjs",
    "runCli.ts": "verbs.mjs",
    "runGateway.ts": "gateway.mjs",
  };
  return {
    name: "built-beside",
    setup({ onResolve }) {
      onResolve({ filter: /\/(\w+|\w+\/index)\.ts$/ }, ({ kind, path }) => {
        const name = Object.keys(built).find((end) => path.endsWith(`/${end}`));
        return kind === "dynamic-import" && name ? { path: folder + built[name], external: true } : undefined;
      });
    },
  };
}

/** Each import of the editor or of Node.js asks for it anew, and copies all the names it has, five hundred: 20 ms of a start. */
function namesOnce() {
  const types = readFileSync(join(import.meta.dirname, "node_modules/@types/vscode/index.d.ts"), "utf8");
  const declared = [...types.matchAll(/^(?:\t| {4})?export (?:class|const|enum|namespace) (\w+)/gm)];
  const namesOf = (path) =>
    path === "vscode" ? new Set(declared.map(([, name]) => name)) : Object.keys(process.getBuiltinModule(path));
  return {
    name: "names-once",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^(vscode|node:.*)$/ }, ({ path, namespace }) =>
        namespace === "names" ? { path, external: true } : { path, namespace: "names" },
      );
      onLoad({ filter: /.*/, namespace: "names" }, ({ path }) => {
        const parts = [...namesOf(path)].map((name) => `const $${name} = /* @__PURE__ */ part("${name}");`);
        const names = [...namesOf(path)].map((name) => `$${name} as ${name}`);
        return {
          contents: [
            `const from = require("${path}"), part = (name) => from[name];`,
            "export default from;",
            ...parts,
            `export { ${names.filter((name) => !name.endsWith(" as default")).join(", ")} };`,
          ].join("\n"),
        };
      });
    },
  };
}

/**
 * Has `pincer gateway`, and each part of the agent that is loaded on first use, import all of the agent, which each of them
 * needs or has: what it has in common with another would be a chunk of its own.
 */
function partsWithAll() {
  const source = join(import.meta.dirname, "src/");
  return {
    name: "parts-with-all",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /\.ts$/ }, ({ kind, path, resolveDir }) => {
        const file = join(resolveDir, path);
        if (!["dynamic-import", "entry-point"].includes(kind) || file === `${source}app.ts`) return undefined;
        return { path: file, namespace: "part" };
      });
      onLoad({ filter: /.*/, namespace: "part" }, ({ path }) => ({
        contents: `import ${JSON.stringify(`${source}app.ts`)}; export * from ${JSON.stringify(path)};`,
        resolveDir: source,
      }));
    },
  };
}

/** Leaves libraries that are loaded on first use as imports of the built ones; what loads them is in a chunk. */
function builtLibraries() {
  return {
    name: "built-libraries",
    setup({ onResolve }) {
      onResolve({ filter: /^[^.]/ }, ({ kind, path }) => {
        const name = LIBRARIES[path];
        return kind === "dynamic-import" && name ? { path: `../libraries/${name}.mjs`, external: true } : undefined;
      });
    },
  };
}

/** An ES import of node:http reads all its exports at once, and so loads Node's whole fetch: 40 ms of every start. */
function httpWithoutFetch() {
  return {
    name: "http-without-fetch",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^(node:)?https?$/ }, ({ path, namespace }) =>
        namespace === "node-http" ? { path, external: true } : { path, namespace: "node-http" },
      );
      onLoad({ filter: /.*/, namespace: "node-http" }, ({ path }) => ({
        contents: `module.exports = require(${JSON.stringify(path)});`,
      }));
    },
  };
}

/** Thousands of schemas are declared in what a start loads, and it asks something of a few hundred. */
function schemasOnFirstUse() {
  const [source, path] = ["src/", "src/base/input/zodOnFirstUse.ts"].map((name) => join(import.meta.dirname, name));
  return {
    name: "schemas-on-first-use",
    setup({ onResolve }) {
      onResolve({ filter: /^zod$/ }, ({ importer }) => (importer.startsWith(source) ? { path } : undefined));
    },
  };
}

/** Of the manifest, the program asks for its version alone. */
function versionAlone() {
  return {
    name: "version-alone",
    setup({ onLoad }) {
      onLoad({ filter: /package\.json$/ }, ({ path }) => {
        if (path !== join(import.meta.dirname, "package.json")) return undefined;
        const { version } = JSON.parse(readFileSync(path, "utf8"));
        return { contents: JSON.stringify({ version }), loader: "json" };
      });
    },
  };
}

function copyAssets() {
  mkdirSync("dist/webview", { recursive: true });
  for (const name of ["codicon.css", "codicon.ttf"]) {
    copyFileSync(`node_modules/@vscode/codicons/dist/${name}`, `dist/webview/${name}`);
  }
  if (production) copyBrowserDriver();
  copyCharacterMaps();
}

/** What turns codes into letters in East Asian PDFs; read from its folder as a document asks for one. */
function copyCharacterMaps() {
  rmSync("dist/cmaps", { recursive: true, force: true });
  cpSync("node_modules/pdfjs-dist/cmaps", "dist/cmaps", { recursive: true });
}

/** playwright-core reads its own files when it runs, so it ships as a folder: what drives a browser, and its licences. */
function copyBrowserDriver() {
  const [from, to] = ["node_modules/playwright-core", "dist/node_modules/playwright-core"];
  const used =
    /^(package\.json|index\.m?js|browsers\.json|LICENSE|NOTICE|ThirdPartyNotices\.txt|lib(\/(package|bootstrap|coreBundle|utilsBundle|serverRegistry)\.js|\/webp_codec\.wasm|\/[^/]*\.LICENSE)?)$/;
  rmSync(to, { recursive: true, force: true });
  cpSync(from, to, {
    recursive: true,
    filter: (path) => path === from || used.test(path.slice(from.length + 1).replaceAll("\\", "/")),
  });
}

/** The JSON schema of openclaw.yml, for completion in the editor. */
async function writeConfigSchema() {
  const source = "src/config/configJsonSchema.ts";
  const outfile = "out/jsonSchema.mjs";
  const result = await build({ ...node, entryPoints: [source], outfile, format: "esm", banner: app.banner });
  const { toJsonSchema } = await import(pathToFileURL(outfile).href);
  writeFileSync("dist/openclaw.schema.json", `${JSON.stringify(toJsonSchema(), undefined, 2)}\n`);
  rmSync(outfile);
  rmSync(`${outfile}.map`, { force: true });
  return { ...result, metafile: { outputs: {} } };
}

/** esbuild leaves letters in patterns as they are, and one beyond Latin-1 makes Node.js keep all of its file in two bytes a letter. */
function escapeLetters(results) {
  const built = results.flatMap((result) => Object.keys(result.metafile.outputs ?? {}));
  for (const path of built.filter((name) => name.endsWith(".mjs"))) {
    const text = readFileSync(path, "utf8");
    const escaped = text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
    if (escaped !== text) writeFileSync(path, escaped);
  }
}

/** Removes chunks and maps of earlier builds. */
function removeStale(results) {
  const built = new Set(results.flatMap((result) => Object.keys(result.metafile.outputs ?? {})));
  for (const folder of ["dist", "dist/chunks", "dist/libraries", "dist/webview"]) {
    if (!existsSync(folder)) continue;
    for (const name of readdirSync(folder)) {
      if (/\.(m?js|cjs|map)$/.test(name) && !built.has(`${folder}/${name}`)) rmSync(`${folder}/${name}`);
    }
  }
}

function printSizes(results) {
  const files = results.flatMap((result) => Object.entries(result.metafile.outputs ?? {}));
  for (const [path, { bytes }] of files.toSorted(([, a], [, b]) => b.bytes - a.bytes)) {
    if (!path.endsWith(".map")) console.log(`${(bytes / 1024).toFixed(1).padStart(9)} KB  ${path}`);
  }
}
