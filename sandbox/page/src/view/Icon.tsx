import type { ReactNode } from "react";

const PATHS: Record<string, ReactNode> = {
  plus: <path d="M10 4v12M4 10h12" />,
  smile: <><circle cx="10" cy="10" r="7" /><path d="M7 12c1.6 2 4.400 2 6 0M7.600 8v.01M12.400 8v.01" /></>,
  bolt: <path d="M11 2.500 4.500 11.500H10l-1 6 6.500-9H10z" />,
  send: <path d="M3.500 16.500 17 10 3.500 3.500 5.500 10zM5.500 10H17" />,
  thread: <path d="M4 4.500h12v8.500H9.500L6 16.500V13H4z" />,
  more: <path d="M5 10v.01M10 10v.01M15 10v.01" strokeWidth="2.6" />,
  people: <><circle cx="10" cy="7" r="3" /><path d="M4 16.500c.6-3 3-4.500 6-4.500s5.400 1.500 6 4.500" /></>,
  lock: <><rect x="5" y="9" width="10" height="7.500" rx="1.500" /><path d="M7 9V6.500a3 3 0 0 1 6 0V9" /></>,
  eye: <><path d="M2.500 10c2-3.500 4.700-5 7.500-5s5.500 1.500 7.500 5c-2 3.500-4.700 5-7.500 5s-5.500-1.500-7.500-5z" /><circle cx="10" cy="10" r="2.300" /></>,
  menu: <path d="M3.500 5.500h13M3.500 10h13M3.500 14.500h13" />,
  file: <path d="M5.500 3h6l3.500 3.500V17h-9.500zM11.500 3v3.500H15" />,
  close: <path d="M5 5l10 10M15 5 5 15" />,
  bell: <path d="M5 14V9a5 5 0 0 1 10 0v5l1 1H4zM8.500 17h3" />,
  moon: <path d="M15.500 12.500A6.500 6.500 0 0 1 7.500 4.500a6.500 6.500 0 1 0 8 8z" />,
  back: <path d="M12.500 4 6.500 10l6 6" />,
};

/** A small line drawing; what it means is said by the label of whatever holds it. */
export function Icon({ name, size = 18 }: { name: keyof typeof PATHS & string; size?: number }): ReactNode {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 20 20" fill="none" stroke="currentColor" strokeWidth="1.600" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      {PATHS[name]}
    </svg>
  );
}
