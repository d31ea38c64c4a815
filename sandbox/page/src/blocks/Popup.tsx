import { useEffect, useLayoutEffect, useRef, useState, type CSSProperties, type KeyboardEvent, type ReactNode, type RefObject } from "react";
import { createPortal } from "react-dom";

interface Props {
  anchor: RefObject<HTMLElement | null>;
  onClose: () => void;
  children: ReactNode;
  className?: string;
  /** As wide as what it hangs from, at least. */
  wide?: boolean;
  align?: "left" | "right";
  /** There is nothing in it to walk to: Tab leaves it. */
  tabLeaves?: boolean;
}

const MARGIN = 8;

function placeBeside(anchor: DOMRect, wide: boolean, align: "left" | "right"): CSSProperties {
  const below = window.innerHeight - anchor.bottom - MARGIN;
  const above = anchor.top - MARGIN;
  const up = below < 220 && above > below;
  const style: CSSProperties = { maxHeight: Math.min(up ? above : below, 420), maxWidth: window.innerWidth - 2 * MARGIN };
  if (wide) style.minWidth = Math.min(anchor.width, window.innerWidth - 2 * MARGIN);
  if (up) style.bottom = window.innerHeight - anchor.top + 4;
  else style.top = anchor.bottom + 4;
  if (align === "right") style.right = Math.max(MARGIN, window.innerWidth - anchor.right);
  else style.left = Math.max(MARGIN, anchor.left);
  return style;
}

/** A box that hangs from its anchor, above everything; Esc and a press outside close it. */
export function Popup({ anchor, onClose, children, className = "", wide = false, align = "left", tabLeaves = false }: Props): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const [style, setStyle] = useState<CSSProperties>({ visibility: "hidden" });

  useLayoutEffect(() => {
    const place = () => {
      const rect = anchor.current?.getBoundingClientRect();
      if (!rect || !box.current) return;
      const next = placeBeside(rect, wide, align);
      const width = box.current.offsetWidth;
      if (typeof next.left === "number") next.left = Math.max(MARGIN, Math.min(next.left, window.innerWidth - width - MARGIN));
      if (typeof next.right === "number") next.right = Math.max(MARGIN, Math.min(next.right, window.innerWidth - width - MARGIN));
      setStyle(next);
    };
    place();
    window.addEventListener("resize", place);
    window.addEventListener("scroll", place, true);
    return () => {
      window.removeEventListener("resize", place);
      window.removeEventListener("scroll", place, true);
    };
  }, [anchor, wide, align]);

  useEffect(() => {
    const onDown = (event: PointerEvent) => {
      const target = event.target as Node;
      if (!box.current?.contains(target) && !anchor.current?.contains(target)) onClose();
    };
    document.addEventListener("pointerdown", onDown);
    return () => document.removeEventListener("pointerdown", onDown);
  }, [anchor, onClose]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" && !(tabLeaves && event.key === "Tab")) return;
    event.stopPropagation();
    event.preventDefault();
    onClose();
    anchor.current?.focus();
  };
  return createPortal(
    <div ref={box} className={`popup ${className}`} style={style} onKeyDown={onKeyDown}>
      {children}
    </div>,
    document.body,
  );
}

/** Arrow keys, Home and End walk through the menu's items. */
export function onMenuKeys(event: KeyboardEvent<HTMLElement>): void {
  if (!["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) return;
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role="menuitem"]')];
  if (items.length === 0) return;
  event.preventDefault();
  const at = items.indexOf(document.activeElement as HTMLElement);
  const last = items.length - 1;
  const next = { ArrowDown: at >= last ? 0 : at + 1, ArrowUp: at <= 0 ? last : at - 1, Home: 0, End: last }[event.key] ?? 0;
  items[next]!.focus();
}
