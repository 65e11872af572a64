import * as z from "zod";
import { untrusted } from "../../base/input/untrusted.ts";
import { visibleData } from "../../base/text/visible.ts";
import { defineTool, type Tool } from "../../core/ports/tool.ts";
import type { KeptTexts } from "../../base/files/keptTexts.ts";

const MAX_BYTES = 25_000;

/** Reads on in a result that was too long to be shown. Not shown to models itself: the result tells of it. */
export function createResultTool(kept: KeptTexts): Tool {
  return defineTool({
    name: "mcp_result",
    description: "Read on in a long result of an MCP tool.",
    input: z.object({ id: z.string(), offset: z.int().min(0).max(1e9).describe("bytes") }),
    effect: "read",
    async run({ id, offset }, { session }) {
      const { text, end, total } = await kept.read(session.key, id, offset, MAX_BYTES);
      const more = end < total ? `; read on with offset ${end}` : "";
      return {
        text: `${untrusted(`mcp:result/${id}`, visibleData(text))}\n[bytes ${offset}-${end} of ${total}${more}]`,
      };
    },
  }) as Tool;
}
