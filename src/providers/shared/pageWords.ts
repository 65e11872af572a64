const LONGEST = 300;

/** Whether a text is a web page, as proxies and gateways answer in place of an API. */
export function isPage(text: string): boolean {
  return /^\s*(?:<!doctype html|<html|<head|<body|<center>|<h1>)/i.test(text) || /<\/(?:html|body|head)>/i.test(text);
}

/** What a page says, without its markup, in one line. */
export function pageWords(page: string): string {
  const words = page
    .slice(0, 50_000)
    .replace(/<(script|style)\b[^>]*>[^]*?<\/\1>/gi, " ")
    .replace(/<[^>]*>/g, " ")
    .replace(/&nbsp;/g, " ")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, "&")
    .replace(/\s+/g, " ")
    .trim();
  return [...words].slice(0, LONGEST).join("");
}
