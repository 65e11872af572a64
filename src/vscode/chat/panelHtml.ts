import { markupText } from "../../base/text/markupText.ts";
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
<html lang="${markupText(spokenIn(texts))}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${markupText(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${markupText(title)}</title>
${styles.map((href) => `<link rel="stylesheet" href="${markupText(href)}">`).join("\n")}
</head>
<body>
<div id="root"></div>
<script type="application/json" id="texts">${JSON.stringify(texts).replaceAll("<", "\\u003c")}</script>
<script type="module" nonce="${markupText(nonce)}" src="${markupText(script)}"></script>
</body>
</html>
`;
}
