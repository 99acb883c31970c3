// Reads a pairing QR code from the camera. The reader is fetched only when somebody scans.

const CODE = /(?:#code=|^)(\d{8})$/

/** Starts the camera on `video`; calls `found` with the 8 digits once. Returns what stops it; throws without a camera. */
export async function scan(video: HTMLVideoElement, found: (code: string) => void): Promise<() => void> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } })
  const { default: read } = await import('jsqr')
  video.srcObject = stream
  await video.play()
  const canvas = document.createElement('canvas'), pen = canvas.getContext('2d', { willReadFrequently: true })!
  const timer = setInterval(() => {
    if (!video.videoWidth) return
    const scale = Math.min(1, 640 / video.videoWidth)
    canvas.width = video.videoWidth * scale
    canvas.height = video.videoHeight * scale
    pen.drawImage(video, 0, 0, canvas.width, canvas.height)
    const { data, width, height } = pen.getImageData(0, 0, canvas.width, canvas.height)
    const code = CODE.exec(read(data, width, height)?.data ?? '')?.[1]
    if (code) found(code)
  }, 200)
  return () => {
    clearInterval(timer)
    for (const track of stream.getTracks()) track.stop()
  }
}
