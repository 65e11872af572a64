import { inTime } from "../inTime.ts";
import type { Page } from "playwright-core";
import { pageFunction } from "./pageFunction.ts";

type Kind = "pdf" | "canvas" | "closed";

// A page that does not answer is told of without this.
const ANSWER_MS = 2000;

const SENTENCES: Record<Kind, string> = {
  pdf: "[This is a PDF in the browser's viewer; neither its text nor a picture of it can be had here. The action pdf saves the file]",
  canvas: "[Most of this page is drawn on a canvas, of which nothing can be read. Take a screenshot]",
  closed: "[Parts of this page are closed to scripts (shadow roots) and cannot be read. Take a screenshot]",
};

const kindsOf = pageFunction<Kind[]>(`() => {
  const kinds = [];
  const size = (element) => { const box = element.getBoundingClientRect(); return box.width * box.height; };
  const screen = innerWidth * innerHeight;
  const pdf = "application/pdf";
  if (document.contentType === pdf || document.querySelector('embed[type="' + pdf + '"]')) kinds.push("pdf");
  const drawn = [...document.querySelectorAll("canvas")].reduce((sum, canvas) => sum + size(canvas), 0);
  if (drawn > screen * 0.3) kinds.push("canvas");
  const closed = [...document.querySelectorAll(":defined")].filter((element) =>
    element.localName.includes("-") && !element.shadowRoot && !element.textContent.trim() &&
    element.childElementCount === 0 && size(element) > 0);
  if (closed.length > 0) kinds.push("closed");
  return kinds;
}`);

/** Whether a page is a PDF in the browser's viewer. */
export async function isPdf(page: Page): Promise<boolean> {
  return (await kindsIn(page)).includes("pdf");
}

/** Sentences about what a page shows and its tree cannot hold. */
export async function unreadableParts(page: Page): Promise<string[]> {
  return (await kindsIn(page)).map((kind) => SENTENCES[kind]);
}

async function kindsIn(page: Page): Promise<Kind[]> {
  return (await inTime(ANSWER_MS, page.evaluate(kindsOf))) ?? [];
}
