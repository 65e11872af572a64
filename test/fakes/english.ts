import { createTexts } from "../../src/base/text/texts.ts";

/** What an editor in English says. */
export const english = createTexts({ language: "en", texts: {} });
