import { DataGrid } from '@lumino/datagrid';

/** What a canvas must be told, since it sees no CSS variables. */
export interface IGridTheme {
  readonly style: DataGrid.Style;
  readonly font: string;
  readonly boldFont: string;
  readonly smallFont: string;
  readonly text: string;
  readonly muted: string;
  readonly skeleton: string;
  readonly headerBackground: string;
}

/** Reads the theme where `node` stands. */
export function readTheme(node: HTMLElement): IGridTheme {
  const probe = document.createElement('span');
  probe.style.display = 'none';
  node.append(probe);
  const colour = (name: string, alpha = 1): string => {
    probe.style.color = '';
    probe.style.color = `var(${name})`;
    return fade(getComputedStyle(probe).color, alpha);
  };
  const font = (size: string, weight = 'normal'): string => {
    probe.style.font = `${weight} 13px sans-serif`;
    probe.style.fontSize = `var(${size})`;
    probe.style.fontFamily = 'var(--jp-ui-font-family)';
    const { fontWeight, fontSize, fontFamily } = getComputedStyle(probe);
    return `${fontWeight} ${fontSize} ${fontFamily}`;
  };

  const background = colour('--jp-layout-color0');
  const stripe = colour('--jp-layout-color1');
  const header = colour('--jp-layout-color2');
  const line = colour('--jp-border-color2');
  const headerLine = colour('--jp-border-color1');
  const brand = colour('--jp-brand-color1');
  const theme: IGridTheme = {
    style: {
      ...DataGrid.defaultStyle,
      voidColor: background,
      backgroundColor: background,
      rowBackgroundColor: index => (index % 2 === 0 ? background : stripe),
      gridLineColor: line,
      headerBackgroundColor: header,
      headerGridLineColor: headerLine,
      selectionFillColor: fade(brand, 0.18),
      selectionBorderColor: brand,
      cursorFillColor: fade(brand, 0.12),
      cursorBorderColor: brand,
      headerSelectionFillColor: fade(brand, 0.18),
      headerSelectionBorderColor: brand,
      scrollShadow: {
        size: 6,
        color1: fade(headerLine, 0.5),
        color2: fade(headerLine, 0.2),
        color3: fade(headerLine, 0)
      }
    },
    font: font('--jp-ui-font-size1'),
    boldFont: font('--jp-ui-font-size1', '600'),
    smallFont: font('--jp-ui-font-size0'),
    text: colour('--jp-ui-font-color1'),
    muted: colour('--jp-ui-font-color2'),
    skeleton: colour('--jp-layout-color3'),
    headerBackground: header
  };
  probe.remove();
  return theme;
}

/** A computed colour, more or less transparent. */
function fade(colour: string, alpha: number): string {
  const parts = colour.match(/[\d.]+/g) ?? ['0', '0', '0'];
  const own = parts.length > 3 ? Number(parts[3]) : 1;
  const [r, g, b] = parts;
  return `rgba(${r}, ${g}, ${b}, ${own * alpha})`;
}
