import {
  CellGroup,
  GraphicsContext,
  type CellRenderer,
  type DataGrid,
  type DataModel,
  type RendererMap
} from '@lumino/datagrid';

/**
 * Makes a grid paint its cells straight onto the screen.
 *
 * Lumino paints each cell into a second canvas and copies it from there. Where
 * canvases are not on a GPU (remote desktops, virtual machines) each copy
 * costs one of the whole canvas: 3 ms a cell, a second a screen. Painting
 * with a clip gives the same picture. It reaches into the grid, so it is done
 * only if everything is there as expected; else the grid paints as it always did.
 */
export function paintDirectly(grid: DataGrid): void {
  const inside = grid as unknown as Partial<IInside>;
  if (
    typeof inside._drawCells === 'function' &&
    inside._drawCells.length === 1 &&
    inside._canvasGC instanceof CanvasRenderingContext2D
  ) {
    inside._drawCells = region => drawCells(inside as IInside, region);
  }
}

/** What is used of the grid's insides (`@lumino/datagrid` 2.x). */
interface IInside {
  readonly _canvasGC: CanvasRenderingContext2D;
  readonly cellRenderers: RendererMap;
  readonly dataModel: DataModel | null;
  _drawCells(region: IRegion): void;
}

/** A part of the grid that is to be painted, in pixels and in sections. */
interface IRegion {
  readonly region: DataModel.CellRegion;
  readonly xMin: number;
  readonly yMin: number;
  readonly xMax: number;
  readonly yMax: number;
  readonly x: number;
  readonly y: number;
  readonly row: number;
  readonly column: number;
  readonly rowSizes: readonly number[];
  readonly columnSizes: readonly number[];
}

function drawCells(inside: IInside, region: IRegion): void {
  const model = inside.dataModel;
  if (!model) {
    return;
  }
  inside._canvasGC.save();
  const gc = new GraphicsContext(inside._canvasGC);
  let x = region.x;
  region.columnSizes.forEach((width, across) => {
    const column = region.column + across;
    let y = region.y;
    region.rowSizes.forEach((height, down) => {
      const row = region.row + down;
      // Merged cells are painted by the grid afterwards.
      if (
        width > 0 &&
        height > 0 &&
        CellGroup.getGroupIndex(model, region.region, row, column) === -1
      ) {
        const value: unknown = model.data(region.region, row, column);
        const metadata = model.metadata(region.region, row, column);
        drawCell(inside, gc, region, {
          x,
          y,
          width,
          height,
          region: region.region,
          row,
          column,
          value,
          metadata
        });
      }
      y += height;
    });
    x += width;
  });
  gc.dispose();
  inside._canvasGC.restore();
}

function drawCell(
  inside: IInside,
  gc: GraphicsContext,
  region: IRegion,
  config: CellRenderer.CellConfig
): void {
  const left = Math.max(region.xMin, config.x);
  const top = Math.max(region.yMin, config.y);
  const right = Math.min(config.x + config.width - 1, region.xMax);
  const bottom = Math.min(config.y + config.height - 1, region.yMax);
  gc.save();
  gc.beginPath();
  gc.rect(left, top, right - left + 1, bottom - top + 1);
  gc.clip();
  try {
    inside.cellRenderers.get(config).paint(gc, config);
  } catch (error) {
    console.error(error);
  }
  gc.restore();
}
