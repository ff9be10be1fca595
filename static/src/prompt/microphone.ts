// The microphone as frames of 16-bit samples at the device's own rate; the server converts
// them. It is a chunk of its own, loaded when somebody talks.

export interface Microphone {
  rate: number // Hz
  // start lets the frames pass.
  start(): void
  close(): void
}

// openMicrophone asks for a device, "" for the usual one. take gets each frame with its loudest sample, 0 to 1.
// It rejects with a DOMException: NotAllowedError, NotFoundError.
export async function openMicrophone(device: string, take: (samples: ArrayBuffer, level: number) => void): Promise<Microphone> {
  const devices = (navigator as { mediaDevices?: MediaDevices }).mediaDevices // missing on plain http
  if (!devices) throw new DOMException("no secure origin", "NotFoundError")
  const stream = await devices.getUserMedia({ audio: { ...(device ? { deviceId: { exact: device } } : {}), channelCount: 1, echoCancellation: true, noiseSuppression: false, autoGainControl: false } })
  const context = new AudioContext()
  try {
    await context.audioWorklet.addModule(MICROPHONE_URL)
  } catch (error) {
    for (const track of stream.getTracks()) track.stop()
    void context.close()
    throw error
  }
  const node = new AudioWorkletNode(context, "frames") // its output is silence: a node that leads nowhere may not run
  let isOn = false
  node.port.onmessage = (event: MessageEvent<{ samples: ArrayBuffer; level: number }>) => {
    if (isOn) take(event.data.samples, event.data.level)
  }
  context.createMediaStreamSource(stream).connect(node).connect(context.destination)
  await context.resume()
  return {
    rate: context.sampleRate,
    start() {
      isOn = true
    },
    close() {
      isOn = false
      for (const track of stream.getTracks()) track.stop()
      void context.close()
    },
  }
}
