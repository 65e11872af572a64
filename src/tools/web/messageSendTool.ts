import * as z from "zod";
import { visible, visibleLine } from "../../base/text/visible.ts";
import type { ChannelDesk } from "../../core/ports/outside/channelDesk.ts";
import { defineTool, type Tool } from "../../core/ports/tool.ts";

interface Input {
  channel: string;
  to?: string | undefined;
  text: string;
}

/** The tool over the chat networks that the user set up; where there is none, models are not told of it. */
export function createMessageSend(desk: () => ChannelDesk, names: () => string[]): Tool<Input> {
  return defineTool({
    name: "message_send",
    description: "Message a person's chat (telegram). Your reply needs no tool.",
    input: z.object({
      channel: z.string().min(1).max(40),
      to: z.string().min(1).max(60).optional(),
      text: z.string().regex(/\S/).max(100_000),
    }),
    effect: "network",
    isOffered: () => names().length > 0,

    async prepare({ channel, to, text }) {
      const message = { channel, text, ...(to === undefined ? {} : { to }) };
      // Told here already where nobody who may talk has that chat; and where it goes by default is shown, and held to.
      const row = await desk().toSend({ ...message, key: "" });
      const place = "put" in row ? row.put.place : to;
      const shown = `send to ${channel} ${place}:\n${visible(text)}`;
      return {
        ask: {
          summary: visibleLine(shown),
          subject: { type: "other", text: shown },
          reason: `sends a message over ${channel}`,
          safe: false,
          protected: false,
          // What was allowed to be said once is not leave to say anything else.
          once: true as const,
        },
        touches: [`${channel}:${place}`],
        async run() {
          await desk().send({ ...message, ...(place === undefined ? {} : { to: place }) });
          return { text: "It is stored, and sent as soon as the network takes it." };
        },
      };
    },
  });
}
