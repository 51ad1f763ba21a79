interface Props {
  readonly id: string;
  readonly title: string;
  /** Of which copy, where there are several. */
  readonly of: string | undefined;
}

export const PanelTitle = ({ id, title, of }: Props) => (
  <h2 id={id}>
    {title}
    {of !== undefined && <span class="lab"> {of}</span>}
  </h2>
);
