import { createGrowingText } from "./growingText.ts";
import { typedPieces } from "./markdown.ts";
import { lettersOf, type Piece } from "./pieces.ts";

/** What is read of a message where it is drawn. `isTyped`: somebody typed it. */
export function drawnText(text: string, isTyped: boolean): string {
  if (isTyped) return lettersOf(typedPieces(text));
  return lettersOf(
    createGrowingText()
      .read(text, false)
      .flatMap((block) => block.pieces()),
  );
}

/** The words of a message as they are drawn, without its blocks of code; where there are more than so many characters, at least one more. */
export function spokenText(text: string, chars: number): string {
  let spoken = "";
  for (const block of createGrowingText().read(text, false)) {
    spoken = `${spoken} ${wordsOf(block.pieces())}`.replace(/\s+/g, " ").trim();
    if (spoken.length > chars) break;
  }
  return spoken;
}

function wordsOf(pieces: readonly Piece[]): string {
  const toWords = (piece: Piece) => {
    if (typeof piece === "string") return piece;
    return piece.attributes["class"] === "code" ? " " : wordsOf(piece.children);
  };
  return pieces.map(toWords).join("");
}
