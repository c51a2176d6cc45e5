import { expect, test } from 'vitest';
import { type PictureSubtitle, placeCanvas } from './pictureSubtitle.ts';
import { changesWithin } from './preparePictures.ts';
import { displayOf } from './subtitleCanvas.ts';

const plan = (shape: PictureSubtitle['shape'], coded: [number, number], output: [number, number]): PictureSubtitle => ({
  ...{ streamIndex: 2, zeroSeconds: 0, shape, matrix: 'bt709', range: 'tv', white: 1 },
  tag: 'bt709',
  overlay: { format: 'yuv420', pixelFormat: 'yuva420p' },
  coded: { width: coded[0], height: coded[1] },
  output: { width: output[0], height: output[1] },
});
const wide = 16 / 9;

test('a canvas of the shape of the picture covers it', () => {
  const bluRay = plan({ coversPicture: false, aspect: wide }, [1920, 1080], [1280, 720]);
  expect(placeCanvas(bluRay, { width: 1920, height: 1080 })).toEqual({ width: 1280, height: 720, x: 0, y: 0 });
  const broadcast = plan({ coversPicture: true, aspect: wide }, [1440, 1080], [1280, 720]);
  expect(placeCanvas(broadcast, { width: 720, height: 576 })).toEqual({ width: 1280, height: 720, x: 0, y: 0 });
  // pixels that are no squares, in picture and subtitles alike
  const standard = plan({ coversPicture: false, aspect: wide }, [720, 480], [854, 480]);
  expect(placeCanvas(standard, { width: 720, height: 480 })).toEqual({ width: 854, height: 480, x: 0, y: 0 });
});

test('of another shape it stays whole, in the middle at the bottom', () => {
  const withoutBars = plan({ coversPicture: false, aspect: 2.4 }, [1920, 800], [1920, 800]);
  expect(placeCanvas(withoutBars, { width: 1920, height: 1080 })).toEqual({ width: 1422, height: 800, x: 248, y: 0 });
  const portrait = plan({ coversPicture: true, aspect: wide }, [1920, 1080], [608, 1080]);
  expect(placeCanvas(portrait, { width: 720, height: 576 })).toEqual({ width: 608, height: 342, x: 0, y: 738 });
});

test('a part of the film needs the last change before it and all within it', () => {
  const times = [480, 480, 1000, 1800, 2600];
  expect(changesWithin(times, { fromSeconds: 0, untilSeconds: 2 })).toEqual({ firstMs: 480, lastMs: 1800 });
  expect(changesWithin(times, { fromSeconds: 2, untilSeconds: 4 })).toEqual({ firstMs: 1800, lastMs: 2600 });
  expect(changesWithin(times, { fromSeconds: 3, untilSeconds: 4 })).toEqual({ firstMs: 2600, lastMs: 2600 });
  expect(changesWithin(times, { fromSeconds: 0, untilSeconds: 0.4 })).toBeNull();
});

test('DVB subtitles tell the size of their display, or say nothing', () => {
  const page = [0x0f, 0x10, 0, 1, 0, 2, 0x1e, 0x08];
  const display = [0x0f, 0x14, 0, 1, 0, 5, 0, 0x07, 0x7f, 0x04, 0x37];
  expect(displayOf(Buffer.from([...page, ...display]))).toEqual({ width: 1920, height: 1080 });
  expect(displayOf(Buffer.from(page))).toBeNull();
  expect(displayOf(Buffer.from(display.slice(0, 9)))).toBeNull();
});
