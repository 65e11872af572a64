import { type Language, spokenIn } from "../../base/text/texts.ts";
import type { PhoneDesk } from "../calls/phoneDesk.ts";
import type { Endpoint, Exchange } from "../http/endpoint.ts";
import { demandOn } from "./phoneDoor.ts";

/** Where the page's files come from. */
export interface PhoneFiles {
  /** Rejects for one that is not there. */
  read(name: PhoneFile): Promise<Uint8Array>;
  /** Texts by their English, in a language such as "de"; empty where there are none. */
  texts(language: string): Promise<Record<string, string>>;
}

export type PhoneFile = "phone.js" | "phone.css" | "phoneWorker.js" | "phone-192.png" | "phone-512.png";

/** All that is served, beside the page itself and its manifest. */
const FILES: Record<string, { file: PhoneFile; type: string }> = {
  "/phone/app.js": { file: "phone.js", type: "text/javascript; charset=utf-8" },
  "/phone/app.css": { file: "phone.css", type: "text/css; charset=utf-8" },
  "/phone/worker.js": { file: "phoneWorker.js", type: "text/javascript; charset=utf-8" },
  "/phone/icon-192.png": { file: "phone-192.png", type: "image/png" },
  "/phone/icon-512.png": { file: "phone-512.png", type: "image/png" },
};

/** Its own scripts, styles and pictures, and nothing that stands in the page or comes from elsewhere. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The page for phones, under /phone/: what is open to everybody, and holds nothing of anybody. */
export function createPhonePage(phones: Pick<PhoneDesk, "isOn">, files: PhoneFiles): Endpoint[] {
  const page = (path: string, handle: (exchange: Exchange) => Promise<Response>): Endpoint => ({
    path,
    verbs: ["GET"],
    admit: () => demandOn(phones, path),
    handle,
  });
  return [
    page("/phone", async () => new Response(null, { status: 308, headers: { Location: "/phone/" } })),
    page("/phone/", async ({ headers }) => {
      const language = spokenBy(headers.get("accept-language"));
      const texts = language === "en" ? {} : await files.texts(language);
      return answer(pageHtml({ language, texts }), "text/html; charset=utf-8");
    }),
    page("/phone/manifest.json", async () => answer(JSON.stringify(MANIFEST), "application/manifest+json")),
    ...Object.entries(FILES).map(([path, { file, type }]) =>
      page(path, async () => answer(await files.read(file), type)),
    ),
  ];
}

function answer(body: string | Uint8Array, type: string): Response {
  return new Response(body as string | Uint8Array<ArrayBuffer>, {
    headers: {
      "Content-Type": type,
      "Content-Security-Policy": POLICY,
      "Referrer-Policy": "no-referrer",
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Resource-Policy": "same-origin",
      "X-Frame-Options": "DENY",
    },
  });
}

const MANIFEST = {
  id: "/phone/",
  name: "Pincer",
  short_name: "Pincer",
  start_url: "/phone/",
  scope: "/phone/",
  display: "standalone",
  background_color: "#14171c",
  theme_color: "#14171c",
  icons: [192, 512].map((size) => ({
    src: `/phone/icon-${size}.png`,
    sizes: `${size}x${size}`,
    type: "image/png",
    purpose: "any maskable",
  })),
};

/** The first language that the browser asks for, as "de" of "de-AT". */
function spokenBy(accepted = ""): string {
  return /^\s*([a-z]{2,3})\b/i.exec(accepted)?.[1]?.toLowerCase() ?? "en";
}

/** The texts are data, which no policy lets run. */
function pageHtml(texts: Language): string {
  return `<!DOCTYPE html>
<html lang="${spokenIn(texts)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content">
<meta name="text-scale" content="scale">
<meta name="theme-color" content="#ffffff" media="(prefers-color-scheme: light)">
<meta name="theme-color" content="#14171c" media="(prefers-color-scheme: dark)">
<title>Pincer</title>
<link rel="manifest" href="/phone/manifest.json">
<link rel="icon" href="/phone/icon-192.png">
<link rel="apple-touch-icon" href="/phone/icon-192.png">
<link rel="stylesheet" href="/phone/app.css">
</head>
<body>
<div id="root"></div>
<script type="application/json" id="texts">${JSON.stringify(texts).replaceAll("<", "\\u003c")}</script>
<script type="module" src="/phone/app.js"></script>
</body>
</html>
`;
}
