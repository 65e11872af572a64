import { useMemo, useRef } from "preact/hooks";
import { createBlockCutter } from "./markdownBlocks.ts";
import { readContext, renderMarkdown, type MarkdownContext } from "./markdown.ts";

/** Markdown that may still grow: finished blocks are drawn once, only the open one again. */
export function MarkdownView({ text, isOpen = false }: { text: string; isOpen?: boolean }) {
  const cutter = useRef<ReturnType<typeof createBlockCutter>>(undefined);
  cutter.current ??= createBlockCutter();
  const blocks = cutter.current.cut(text);
  const context = useMemo(() => (isOpen ? {} : readContext(text)), [isOpen, isOpen || text]);
  const shared = Object.keys(context).length > 0 ? context : NONE;
  return (
    <div class="markdown">
      {blocks.map((block, index) => (
        <Block key={index} text={block} context={shared} isOpen={isOpen && index === blocks.length - 1} />
      ))}
    </div>
  );
}

const NONE: MarkdownContext = {};

function Block({ text, context, isOpen }: { text: string; context: MarkdownContext; isOpen: boolean }) {
  // The same element again makes the renderer skip it.
  return useMemo(
    () => <div class="block" dangerouslySetInnerHTML={{ __html: renderMarkdown(text, context, isOpen) }} />,
    [text, context, isOpen],
  );
}
