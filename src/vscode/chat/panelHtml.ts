import { type Language, spokenIn } from "../../base/text/texts.ts";

/** Addresses as the webview may load them, and the only source its policy names. */
export interface PanelResources {
  script: string;
  styles: string[];
  cspSource: string;
  nonce: string;
  texts: Language;
  title: string;
}

/** The panel's page: one script that carries the nonce, styles from the extension, no network at all. */
export function panelHtml({ script, styles, cspSource, nonce, texts, title }: PanelResources): string {
  const policy = [
    "default-src 'none'",
    `img-src ${cspSource} data:`,
    `font-src ${cspSource}`,
    `style-src ${cspSource}`,
    `script-src 'nonce-${nonce}'`,
    "connect-src 'none'",
    "form-action 'none'",
    "base-uri 'none'",
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="${escape(spokenIn(texts))}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escape(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
${styles.map((href) => `<link rel="stylesheet" href="${escape(href)}">`).join("\n")}
</head>
<body>
<div id="root"></div>
<script type="application/json" id="texts">${JSON.stringify(texts).replaceAll("<", "\\u003c")}</script>
<script type="module" nonce="${escape(nonce)}" src="${escape(script)}"></script>
</body>
</html>
`;
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}
