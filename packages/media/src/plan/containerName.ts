const containers: Readonly<Record<string, string>> = {
  mov: 'MP4 or MOV',
  matroska: 'Matroska or WebM',
  mpegts: 'MPEG-TS',
  mpeg: 'MPEG-PS',
  mpegvideo: 'MPEG video',
  avi: 'AVI',
  ogg: 'Ogg',
  flv: 'FLV',
  mxf: 'MXF',
  asf: 'ASF',
  dv: 'DV',
  ivf: 'IVF',
  nut: 'NUT',
  gif: 'GIF',
  wav: 'WAV',
  yuv4mpegpipe: 'Y4M',
};

/** Name of a container for people, from FFmpeg's name of its demuxer. */
export const containerName = (demuxer: string): string => containers[demuxer] ?? demuxer.toUpperCase();
