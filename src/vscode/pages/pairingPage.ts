import encode from "qr";
import { escapeHtml, type PageHead, pageHead } from "./pageHead.ts";

/** What the page says, in the editor's language. */
export interface PairingWords {
  title: string;
  how: string;
  code: string;
  until: string;
  may: string;
  /** Above other addresses of this machine. */
  others: string;
  /** Where phones do not trust the certificate. */
  warning: string;
}

/** A code that lets one phone in, as a picture for its camera and in letters. `urls`: the likeliest first, at least one. */
export function pairingPage(
  offer: { urls: string[]; code: string; selfSigned: boolean },
  words: PairingWords,
  head: PageHead,
): string {
  const [url = "", ...more] = offer.urls;
  const others = more.map((one) => `<li>${escapeHtml(one.split("#")[0]!)}</li>`).join("");
  return `<!DOCTYPE html>
<html>
${pageHead(words.title, STYLES, head)}
<body>
<h1>${escapeHtml(words.title)}</h1>
<p>${escapeHtml(words.how)}</p>
<div class="picture" role="img" aria-label="${escapeHtml(words.title)}">${encode(url, "svg")}</div>
<p class="address">${escapeHtml(url.split("#")[0]!)}</p>
<p>${escapeHtml(words.code)} <strong>${escapeHtml(offer.code)}</strong></p>
<p class="quiet">${escapeHtml(words.until)}<br>${escapeHtml(words.may)}</p>
${others === "" ? "" : `<p class="quiet">${escapeHtml(words.others)}</p><ul class="quiet">${others}</ul>`}
${offer.selfSigned ? `<p role="note">⚠ ${escapeHtml(words.warning)}</p>` : ""}
</body>
</html>
`;
}

/** The same page when there is nothing to scan any more, and why. */
export function pairedPage(why: string, { title }: Pick<PairingWords, "title">, head: PageHead): string {
  return `<!DOCTYPE html>
<html>
${pageHead(title, STYLES, head)}
<body>
<h1>${escapeHtml(title)}</h1>
<p role="status">${escapeHtml(why)}</p>
</body>
</html>
`;
}

// A camera needs dark on light, whatever the theme is.
const STYLES = `
body { padding: 0 24px 24px; line-height: 1.5; }
h1 { font-size: 1.4em; font-weight: 600; }
.picture { max-width: 320px; padding: 8px; background: #ffffff; }
.picture svg { display: block; width: 100%; fill: #000000; }
.address { font-family: var(--vscode-editor-font-family); overflow-wrap: anywhere; }
strong { font: 600 1.4em var(--vscode-editor-font-family); letter-spacing: 0.12em; }
.quiet { color: var(--vscode-descriptionForeground); }
`;
