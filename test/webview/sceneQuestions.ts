import type { McpField, McpQuestion } from "../../src/protocol/mcp.ts";

function question(more: Partial<McpQuestion>): McpQuestion {
  return {
    id: "ask_1",
    server: "travel",
    message: "What kind of room is it to be?",
    fields: [],
    calls: [{ sessionKey: "main", tool: "book_room" }],
    createdAt: new Date().toISOString(),
    expiresAt: new Date(Date.now() + 272_000).toISOString(),
    ...more,
  };
}

/** A form with a field of each kind. */
export function formQuestion(more: Partial<McpQuestion> = {}): McpQuestion {
  const options = ["Breakfast", "Parking", "Late arrival"].map((title) => ({ value: title.toLowerCase(), title }));
  const fields: McpField[] = [
    { name: "city", kind: "text", title: "City", description: "Where you want to stay", required: true, max: 40 },
    { name: "from", kind: "text", title: "First night", required: true, format: "date", default: "2026-12-01" },
    { name: "nights", kind: "number", title: "Nights", required: true, whole: true, min: 1, max: 14, default: 2 },
    {
      name: "room",
      kind: "choice",
      title: "Room",
      required: true,
      options: [
        { value: "s", title: "single" },
        { value: "d", title: "double" },
      ],
    },
    { name: "extras", kind: "choices", title: "Extras", required: false, max: 2, options },
    { name: "quiet", kind: "boolean", title: "A quiet one", required: false, default: true },
    { name: "mail", kind: "text", title: "Mail for the confirmation", required: false, format: "email" },
  ];
  return question({ fields, ...more });
}

/** A page that the server wants opened; its address pretends to be of another host. */
export function pageQuestion(): McpQuestion {
  const address = "https://pay.travel.example/checkout/https://bank.example/login?booking=8714c2&return=app";
  return question({
    id: "ask_2",
    message: "Please pay for the room.",
    page: { address, host: "pay.travel.example" },
  });
}
