import { createGrowingText } from "./growingText.ts";
import { typedPieces } from "./markdown.ts";
import { lettersOf } from "./pieces.ts";

/** What is read of a message where it is drawn. `isTyped`: somebody typed it. */
export function drawnText(text: string, isTyped: boolean): string {
  if (isTyped) return lettersOf(typedPieces(text));
  return lettersOf(
    createGrowingText()
      .read(text, false)
      .flatMap((block) => block.pieces()),
  );
}
