// Five pieces of content from five sessions that work side by side.
import { PincerClient } from "./pincerClient.mjs";

const TOPIC = "a local gateway that lets scripts talk to a coding agent";
const PIECES = [
  "a headline",
  "a two-sentence teaser",
  "three social posts",
  "an outline of an article",
  "five questions and answers",
];

const client = new PincerClient();
const startedAt = performance.now();
const answers = await Promise.all(
  PIECES.map((piece) => client.spawn(`Write ${piece} about ${TOPIC}.`, { label: piece })),
);
for (const [index, { reply, durationMs, childSessionKey }] of answers.entries())
  console.log(`== ${PIECES[index]} (${durationMs} ms, session ${childSessionKey})\n${reply}\n`);
console.log(`${answers.length} pieces in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
