import { imageProblem } from "../../../base/attachments/checkAttachment.ts";
import { readImageFacts } from "../../../base/attachments/imageFacts.ts";
import type { Attachment } from "../../../protocol/message.ts";

/** Images of a tool that a model can be shown, and a line for each that it cannot. */
export function shownImages(images: Attachment[] = []): { images?: Attachment[]; lines: string[] } {
  const checked = images.map((image) => ({ image, problem: imageProblem(image.data) }));
  // What it is stands in its bytes, whatever was said of it.
  const shown = checked.flatMap(({ image, problem }) =>
    problem ? [] : [{ ...image, mediaType: readImageFacts(image.data)?.mediaType ?? image.mediaType }],
  );
  return {
    ...(shown.length > 0 ? { images: shown } : {}),
    lines: checked.flatMap(({ image, problem }) =>
      problem ? [`[The image ${image.name} is not shown: it ${problem}]`] : [],
    ),
  };
}
