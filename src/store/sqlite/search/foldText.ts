import { nameTable } from "../../../base/nameTable.ts";

// Letters that carry no mark to take away.
const SPELLED = nameTable<string>({ ß: "ss", æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d", ð: "d", þ: "th", ı: "i" });

/**
 * Text as it is compared: without case, without accents ("über" is "uber", "straße" is "strasse"), and without what SQLite
 * cannot hold. Whoever changes this refolds what is stored, see migrate.ts.
 */
export function fold(text: string): string {
  const lower = text.toWellFormed().replaceAll("\0", " ").toLowerCase();
  // Marks of scripts that are read by them are no accents: only those of European letters go.
  return lower
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "")
    .normalize("NFC")
    .replace(/[ßæœøłđðþı]/g, (letter) => SPELLED[letter]!);
}
