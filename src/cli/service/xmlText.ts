import { nameTable } from "../../base/nameTable.ts";

const ENTITIES = nameTable<string>({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" });

/** A text as it stands in XML, between tags or in an attribute. */
export function xmlText(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);
}
