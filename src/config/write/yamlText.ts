import type { Document } from "yaml";

/** A document that was changed, with the indentation and line ends that its text had, and long lines whole. */
export function toTextLike(document: Document, text: string): string {
  const indent = /^( +)\S/m.exec(text)?.[1]?.length ?? 2;
  const written = document.toString({ lineWidth: 0, indent: Math.min(indent, 8) });
  return text.includes("\r\n") ? written.replaceAll("\n", "\r\n") : written;
}
