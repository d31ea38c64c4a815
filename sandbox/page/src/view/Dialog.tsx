import { useLayoutEffect, useRef, type KeyboardEvent, type ReactNode } from "react";

const FOCUSABLE = 'a[href], button:not([disabled]), input:not([disabled]):not([hidden]), textarea:not([disabled]), select:not([disabled]), [tabindex="0"]';

interface Props {
  label: string;
  onEscape: () => void;
  className?: string;
  children: ReactNode;
  role?: "dialog" | "alertdialog";
}

/** A frame above the page: it takes the focus, keeps Tab inside, and gives the focus back. */
export function Dialog({ label, onEscape, className = "", children, role = "dialog" }: Props): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  // Before the browser paints: whoever sees the dialog and types at once types into it, and Escape closes it.
  useLayoutEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    const el = box.current;
    if (el && !el.contains(document.activeElement)) {
      const first = el.querySelector<HTMLElement>("[data-first-focus], .dialog-body input, .dialog-body textarea, .dialog-body [role=combobox]");
      (first ?? el).focus();
    }
    return () => before?.focus?.();
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      onEscape();
      return;
    }
    if (event.key !== "Tab" || !box.current?.contains(event.target as Node)) return;
    const items = [...box.current.querySelectorAll<HTMLElement>(FOCUSABLE)].filter((el) => el.offsetParent !== null);
    const first = items[0];
    const last = items[items.length - 1];
    const edge = event.shiftKey ? first : last;
    if (document.activeElement !== edge && document.activeElement !== box.current) return;
    event.preventDefault();
    (event.shiftKey ? last : first)?.focus();
  };
  return (
    <div className="veil">
      <div ref={box} role={role} aria-modal="true" aria-label={label} tabIndex={-1} className={`dialog ${className}`} onKeyDown={onKeyDown}>
        {children}
      </div>
    </div>
  );
}
