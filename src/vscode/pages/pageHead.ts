import { markupText } from "../../base/text/markupText.ts";
import { visibleData } from "../../base/text/visible.ts";

/** What lets a page's one script and its styles in. */
export interface PageHead {
  nonce: string;
  /** Where the editor has `webview-ui/pages/page.ts`. */
  script: string;
}

/** The head of a page that takes nothing from anywhere: its own styles, and the script that draws what changed. */
export function pageHead(title: string, styles: string, { nonce, script }: PageHead): string {
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; form-action 'none'; base-uri 'none'`;
  return `<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${escapeHtml(title)}</title>
<style nonce="${nonce}">${styles}</style>
<script type="module" nonce="${nonce}" src="${escapeHtml(script)}"></script>
</head>`;
}

/** A text of others in a page: what hides or reorders words in it is shown. */
export function escapeHtml(text: string): string {
  return markupText(visibleData(text));
}
