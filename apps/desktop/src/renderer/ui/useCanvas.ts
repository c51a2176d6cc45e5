import { type RefObject, useEffect, useRef } from 'react';

export interface CanvasSize {
  readonly width: number;
  readonly height: number;
}

/** A canvas of the given size in CSS pixels, sharp on any display, redrawn whenever `draw` changes. */
export function useCanvas(
  size: CanvasSize,
  draw: (context: CanvasRenderingContext2D) => void,
): RefObject<HTMLCanvasElement | null> {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height } = size;
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!canvas.current || !context) return;
    const ratio = window.devicePixelRatio;
    const [pixelWidth, pixelHeight] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.current.width !== pixelWidth || canvas.current.height !== pixelHeight) {
      canvas.current.width = pixelWidth;
      canvas.current.height = pixelHeight;
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    draw(context);
  }, [draw, width, height]);
  return canvas;
}
