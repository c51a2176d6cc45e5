import { z } from 'zod';

const SideData = z.looseObject({
  side_data_type: z.string().optional(),
  rotation: z.number().optional(),
  displaymatrix: z.string().optional(),
});

/** One stream as FFprobe writes it. */
export const ProbedStream = z.looseObject({
  index: z.number().int(),
  codec_type: z.string().optional(),
  codec_name: z.string().optional(),
  codec_tag_string: z.string().optional(),
  profile: z.union([z.string(), z.number()]).optional(),
  pix_fmt: z.string().optional(),
  width: z.number().optional(),
  height: z.number().optional(),
  sample_aspect_ratio: z.string().optional(),
  time_base: z.string().optional(),
  avg_frame_rate: z.string().optional(),
  field_order: z.string().optional(),
  color_range: z.string().optional(),
  color_space: z.string().optional(),
  color_transfer: z.string().optional(),
  color_primaries: z.string().optional(),
  nb_frames: z.string().optional(),
  duration: z.string().optional(),
  bit_rate: z.string().optional(),
  start_time: z.string().optional(),
  sample_fmt: z.string().optional(),
  sample_rate: z.string().optional(),
  channels: z.number().optional(),
  channel_layout: z.string().optional(),
  bits_per_raw_sample: z.string().optional(),
  disposition: z.record(z.string(), z.number()).default({}),
  tags: z.record(z.string(), z.string()).default({}),
  side_data_list: z.array(SideData).default([]),
});
export type ProbedStream = z.infer<typeof ProbedStream>;

const ProbedChapter = z.looseObject({
  start_time: z.string().default('0'),
  end_time: z.string().default('0'),
  tags: z.record(z.string(), z.string()).default({}),
});
export type ProbedChapter = z.infer<typeof ProbedChapter>;

/** FFprobe's JSON of `-show_streams -show_format -show_chapters`. */
export const ProbeAnswer = z.looseObject({
  streams: z.array(ProbedStream).default([]),
  chapters: z.array(ProbedChapter).default([]),
  format: z
    .looseObject({
      start_time: z.string().optional(),
      duration: z.string().optional(),
      tags: z.record(z.string(), z.string()).default({}),
    })
    .default({ tags: {} }),
});
export type ProbeAnswer = z.infer<typeof ProbeAnswer>;
