import { fileURLToPath } from "node:url";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { build } from "esbuild";
import type { Language } from "../../src/base/text/texts.ts";
import { themes, type ThemeName } from "./themes.ts";

/** What stands in a page before its script runs. */
export interface PanelLook {
  theme?: ThemeName;
  bodyClass?: string;
  /** The editor's language and its texts; English by default. */
  texts?: Language;
}

export interface PanelSite {
  /** Where a page of its own is served: what it keeps is kept by its address. */
  put(look: PanelLook): string;
  /** Bytes of the panel's script, minified. */
  scriptBytes: number;
  close(): void;
}

interface Asset {
  type: string;
  body: string | Uint8Array;
}

const root = new URL("../../", import.meta.url);
const CSP = "default-src 'none'; img-src data: 'self'; font-src 'self'; style-src 'self'; script-src 'nonce-harness'";

/** Serves the built panel from memory, in pages that pose as VS Code. */
export async function openPanelSite(): Promise<PanelSite> {
  const files = await bundle();
  const html = await readFile(new URL("test/webview/harness.html", root), "utf8");
  const looks: PanelLook[] = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://harness");
    const look = looks[Number(/^\/panels\/(\d+)\/$/.exec(pathname)?.[1])];
    const theme = Object.keys(themes).find((name) => pathname === `/${name}.css`);
    const asset = look
      ? { type: "text/html", body: toHtml(html, look) }
      : theme
        ? { type: "text/css", body: toHostStyles(theme as ThemeName) }
        : files.get(pathname);
    if (!asset) return void response.writeHead(204).end();
    response.setHeader("content-type", asset.type).setHeader("content-security-policy", CSP);
    if (!look) response.setHeader("cache-control", "max-age=3600");
    response.end(asset.body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    put: (look) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/panels/${looks.push(look) - 1}/`,
    scriptBytes: files.get("/main.js")!.body.length,
    close: () => void server.close(),
  };
}

function toHtml(html: string, { theme = "dark", bodyClass = "", texts }: PanelLook): string {
  const classes = `${themes[theme].bodyClass} ${bodyClass}`.trim();
  const script = texts ? `<script type="application/json" id="texts">${JSON.stringify(texts)}</script>` : "";
  return html
    .replace("/theme.css", `/${theme}.css`)
    .replace("<body>", `<body class="${classes}">`)
    .replace('<div id="root">', () => `${script}<div id="root">`);
}

async function bundle(): Promise<Map<string, Asset>> {
  const result = await build({
    entryPoints: [fileURLToPath(new URL("webview-ui/main.tsx", root))],
    outdir: "/",
    bundle: true,
    write: false,
    minify: true,
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    define: { "process.env.NODE_ENV": '"production"' },
    logLevel: "error",
  });
  const file = (path: string) => readFile(new URL(path, root));
  return new Map<string, Asset>([
    ...result.outputFiles.map(({ path, contents }): [string, Asset] => [
      path,
      { type: path.endsWith(".css") ? "text/css" : "text/javascript", body: contents },
    ]),
    ["/codicon.css", { type: "text/css", body: await file("node_modules/@vscode/codicons/dist/codicon.css") }],
    ["/codicon.ttf", { type: "font/ttf", body: await file("node_modules/@vscode/codicons/dist/codicon.ttf") }],
  ]);
}

function toHostStyles(theme: ThemeName): string {
  const { colors } = themes[theme];
  const variables = Object.entries(colors).map(([name, value]) => `--vscode-${name}: ${value};`);
  const fonts = [
    "--vscode-font-family: 'Liberation Sans', sans-serif;",
    "--vscode-font-size: 13px;",
    "--vscode-editor-font-family: 'DejaVu Sans Mono', monospace;",
    "--vscode-editor-font-size: 12px;",
  ];
  return `:root { ${[...variables, ...fonts].join(" ")} }
body { background: var(--vscode-sideBar-background); }
::-webkit-scrollbar { width: 10px; height: 10px; }
::-webkit-scrollbar-thumb { background: var(--vscode-scrollbarSlider-background, #79797966); }`;
}
