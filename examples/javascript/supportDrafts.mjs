// Drafts an answer to each support ticket, every one in a session of its own, three at a time.
import { PincerClient } from "./pincerClient.mjs";

const TICKETS = [
  { id: "T-101", from: "Ada", text: "I was charged twice for my subscription this month." },
  { id: "T-102", from: "Linus", text: "The export button does nothing in the new version." },
  { id: "T-103", from: "Grace", text: "How do I move my account to another e-mail address?" },
  { id: "T-104", from: "Ken", text: "Please delete my account and everything you have about me." },
];
const AT_ONCE = 3;

const client = new PincerClient();
const waiting = TICKETS.values();

async function work() {
  for (const { id, from, text } of waiting) {
    const task = `Draft a short, friendly answer to this support ticket. Promise nothing that needs a decision by a person.\n\nFrom: ${from}\n${text}`;
    const draft = await client.spawn(task, { label: `draft ${id}`, runTimeoutSeconds: 120 }).then(
      ({ reply }) => reply,
      (error) => `(no draft: ${error.message})`,
    );
    console.log(`== ${id}\n${draft}\n`);
  }
}

await Promise.all(Array.from({ length: AT_ONCE }, work));
