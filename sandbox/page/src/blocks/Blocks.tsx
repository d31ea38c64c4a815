import { useState, type ReactNode } from "react";
import { safeImage } from "../text/links";
import { SafeLink } from "../text/mrkdwn";
import { TextObject, plain } from "../text/TextObject";
import type { Json } from "../types";
import { ActionElement, ElementView, imageSource } from "./Element";
import { LIBRARY_BLOCKS, LibraryBlock } from "./Library";
import { useSurface } from "./surface";
import { DataTableBlock, TableBlock } from "./Tables";
import { CannotShow, Guard } from "./Unknown";

function Section({ block }: { block: Json }): ReactNode {
  const accessory = block.accessory as Json | undefined;
  const picture = accessory?.type === "image";
  return (
    <div className={picture ? "bk section section-picture" : "bk section"}>
      <div className="section-words">
        {block.text && <div className="section-text"><TextObject text={block.text} /></div>}
        {block.fields && (
          <div className="fields">
            {(block.fields as Json[]).map((field, n) => <div key={n} className="field"><TextObject text={field} /></div>)}
          </div>
        )}
      </div>
      {accessory && <div className="accessory"><ActionElement element={accessory} block={block} /></div>}
    </div>
  );
}

/** Below the place's own heading, or below the modal's. */
function Header({ block }: { block: Json }): ReactNode {
  const Level = useSurface().kind === "modal" ? "h3" : "h2";
  return <Level className="bk header">{plain(block.text)}</Level>;
}

function Context({ block }: { block: Json }): ReactNode {
  return (
    <div className="bk context">
      {((block.elements ?? []) as Json[]).map((element, n) => {
        if (element.type !== "image") return <span key={n} className="context-item"><TextObject text={element} /></span>;
        const src = imageSource(element);
        if (!src) return <CannotShow key={n} what="image" why="its address is not one to load" />;
        return <img key={n} className="context-image" src={src} alt={String(element.alt_text ?? "")} />;
      })}
    </div>
  );
}

function Picture({ src, alt }: { src: string; alt: string }): ReactNode {
  const [broken, setBroken] = useState(false);
  if (broken) return <div className="picture-missing">The picture did not load. It shows: {alt || "no description"}</div>;
  return <img className="picture" src={src} alt={alt} onError={() => setBroken(true)} />;
}

function ImageBlock({ block }: { block: Json }): ReactNode {
  const src = imageSource(block);
  return (
    <figure className="bk image">
      {block.title && <figcaption>{plain(block.title)}</figcaption>}
      {src ? <Picture src={src} alt={String(block.alt_text ?? "")} /> : <CannotShow what="image" why="its address is not one to load" />}
    </figure>
  );
}

function Video({ block }: { block: Json }): ReactNode {
  const thumbnail = safeImage(block.thumbnail_url);
  const words = plain(block.title) || "Video";
  return (
    <div className="bk video">
      {block.author_name && <div className="faint">{String(block.author_name)}</div>}
      <SafeLink href={block.title_url ?? block.video_url}><b>{words}</b></SafeLink>
      {block.description && <div>{plain(block.description)}</div>}
      {thumbnail && (
        <SafeLink href={block.video_url}>
          <span className="video-frame">
            <img className="picture" src={thumbnail} alt={String(block.alt_text ?? words)} />
            <span className="video-play" aria-hidden="true">▶</span>
          </span>
        </SafeLink>
      )}
    </div>
  );
}

function InputBlock({ block }: { block: Json }): ReactNode {
  const surface = useSurface();
  const element = (block.element ?? {}) as Json;
  const id = `${surface.id}-${block.block_id}-${element.action_id}`;
  const error = surface.errors[block.block_id];
  const grouped = element.type === "checkboxes" || element.type === "radio_buttons";
  const describedBy = [error && `${id}-error`, block.hint && `${id}-hint`].filter(Boolean).join(" ") || undefined;
  return (
    <div className="bk input" data-block={block.block_id}>
      <label id={`${id}-label`} className="input-label" htmlFor={grouped ? undefined : id}>
        {plain(block.label)}
        {block.optional && <span className="input-optional"> (optional)</span>}
      </label>
      <ElementView
        element={element}
        block={block}
        mode="input"
        field={{ id, labelled: true, invalid: Boolean(error), required: !block.optional, describedBy }}
      />
      {error && <div id={`${id}-error`} className="input-error" role="alert">{error}</div>}
      {block.hint && <div id={`${id}-hint`} className="input-hint">{plain(block.hint)}</div>}
    </div>
  );
}

function Actions({ block }: { block: Json }): ReactNode {
  return (
    <div className="bk actions">
      {((block.elements ?? []) as Json[]).map((element, n) => <ActionElement key={element.action_id ?? n} element={element} block={block} />)}
    </div>
  );
}

function Card({ block }: { block: Json }): ReactNode {
  const hero = block.hero_image ? imageSource(block.hero_image as Json) : null;
  const icon = block.icon ? imageSource(block.icon as Json) : null;
  return (
    <div className="bk card">
      {hero && <img className="card-hero" src={hero} alt={String(block.hero_image.alt_text ?? "")} />}
      <div className="card-body">
        {icon && <img className="context-image" src={icon} alt={String(block.icon.alt_text ?? "")} />}
        {block.title && <b><TextObject text={block.title} /></b>}
        {block.subtitle && <div className="faint"><TextObject text={block.subtitle} /></div>}
        {block.body && <div><TextObject text={block.body} /></div>}
      </div>
      {block.actions && <Actions block={{ ...block, elements: block.actions }} />}
    </div>
  );
}

function Container({ block }: { block: Json }): ReactNode {
  const inner = <Blocks blocks={(block.child_blocks ?? block.blocks ?? block.elements ?? []) as Json[]} />;
  const title = plain(block.title);
  if (!block.is_collapsible && !block.collapsible) return <div className="bk bk-container">{title && <b>{title}</b>}{inner}</div>;
  return <details className="bk bk-container" open={!block.default_collapsed}><summary>{title}</summary>{inner}</details>;
}

function oneBlock(block: Json): ReactNode {
  switch (block.type) {
    case "section": return <Section block={block} />;
    case "header": return <Header block={block} />;
    case "divider": return <hr className="bk divider" />;
    case "context": return <Context block={block} />;
    case "image": return <ImageBlock block={block} />;
    case "video": return <Video block={block} />;
    case "actions":
    case "context_actions": return <Actions block={block} />;
    case "input": return <InputBlock block={block} />;
    case "table": return <TableBlock block={block} />;
    case "data_table": return <DataTableBlock block={block} />;
    case "card": return <Card block={block} />;
    case "carousel": return <div className="bk carousel" tabIndex={0} role="region" aria-label="Cards">{((block.elements ?? []) as Json[]).map((card, n) => <Card key={n} block={card} />)}</div>;
    case "container": return <Container block={block} />;
    default:
      if (LIBRARY_BLOCKS.includes(block.type)) return <div className="bk library"><LibraryBlock block={block} /></div>;
      return <CannotShow what={`block ${String(block.type)}`} />;
  }
}

/** A list of blocks as Slack shows them; what cannot be drawn says so in its place. */
export function Blocks({ blocks }: { blocks: Json[] }): ReactNode {
  return (
    <>
      {blocks.map((block, n) => (
        <Guard key={`${block?.block_id ?? n}`} what={`block ${String(block?.type)}`}>
          {block && typeof block === "object" ? oneBlock(block) : <CannotShow what="block" />}
        </Guard>
      ))}
    </>
  );
}
