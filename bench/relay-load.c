// The load of `npm run bench -- relay`: floods a relay, or bounces one byte through it. File descriptor 3 sends and 4
// receives; both are connected, with their handshakes done. Not a Node program, so that it is not the bottleneck.
//
//   relay-load flood FRAMING SIZE SECONDS   prints bytes received and seconds
//   relay-load bounce FRAMING COUNT         prints p50 and p99 of the round trip in microseconds
//
// FRAMING is `frames` (masked frames of WebSocket clients, SIZE bytes of payload each) or `plain`.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SENDER = 3, RECEIVER = 4, BUFFER_BYTES = 256 * 1024 };

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

/** Not zero, as RFC 6455, section 5.3, requires in effect: `ws` skips unmasking where it is. */
static const unsigned char MASK[4] = {0x37, 0xfa, 0x21, 0x3d};

/** A masked binary frame whose payload is zero. @returns its length */
static size_t write_frame(unsigned char *out, size_t size) {
  size_t at = 0;
  out[at++] = 0x82;
  if (size < 126) {
    out[at++] = 0x80 | size;
  } else if (size <= 0xffff) {
    out[at++] = 0x80 | 126;
    out[at++] = size >> 8;
    out[at++] = size & 0xff;
  } else {
    out[at++] = 0x80 | 127;
    for (int shift = 56; shift >= 0; shift -= 8) out[at++] = (uint64_t)size >> shift;
  }
  for (size_t index = 0; index < 4 + size; index++) out[at + index] = MASK[index % 4];
  return at + 4 + size;
}

static int flood(int framed, size_t size, double seconds) {
  unsigned char *out = calloc(1, 2 * BUFFER_BYTES + size + 64);
  unsigned char *in = malloc(BUFFER_BYTES);
  size_t filled = 0;
  if (!out || !in) fail("memory");
  // A whole number of frames, so that the buffer can be sent repeatedly.
  do filled += framed ? write_frame(out + filled, size) : size;
  while (filled < BUFFER_BYTES);
  size_t sent = 0;
  uint64_t received = 0;
  double start = 0, end = 0, warm = now() + seconds / 4;
  for (;;) {
    double time = now();
    if (!start && time >= warm) {
      start = time;
      end = time + seconds;
      received = 0;
    }
    if (start && time >= end) break;
    struct pollfd files[] = {{SENDER, POLLOUT, 0}, {RECEIVER, POLLIN, 0}};
    if (poll(files, 2, 1000) < 0) fail("poll");
    if (files[0].revents & POLLOUT) {
      ssize_t count = write(SENDER, out + sent, filled - sent);
      if (count < 0 && errno != EAGAIN) fail("write");
      if (count > 0) sent = (sent + count) % filled;
    }
    if (files[1].revents & (POLLIN | POLLHUP)) {
      ssize_t count = read(RECEIVER, in, BUFFER_BYTES);
      if (count == 0) fail("the relay closed");
      if (count < 0 && errno != EAGAIN) fail("read");
      if (count > 0) received += count;
    }
  }
  printf("%llu %.6f\n", (unsigned long long)received, now() - start);
  return 0;
}

static void send_byte(int file, int framed) {
  unsigned char out[16] = {0};
  size_t length = framed ? write_frame(out, 1) : 1;
  if (write(file, out, length) != (ssize_t)length) fail("write");
}

static void read_exactly(int file, unsigned char *in, ssize_t wanted) {
  while (wanted > 0) {
    struct pollfd files[] = {{file, POLLIN, 0}};
    if (poll(files, 1, 10000) <= 0) fail("no answer");
    ssize_t count = read(file, in, wanted);
    if (count == 0) fail("the relay closed");
    if (count < 0 && errno != EAGAIN) fail("read");
    if (count > 0) {
      wanted -= count;
      in += count;
    }
  }
}

static void await_byte(int file, int framed) {
  unsigned char in[128];
  // Pings may arrive in between.
  do {
    if (framed) read_exactly(file, in, 2);
    read_exactly(file, in + 2, framed ? in[1] & 0x7f : 1);
  } while (framed && in[0] != 0x82);
}

static int compare(const void *left, const void *right) {
  double difference = *(const double *)left - *(const double *)right;
  return (difference > 0) - (difference < 0);
}

static int bounce(int framed, int count) {
  double *times = calloc(count, sizeof *times);
  if (!times) fail("memory");
  for (int index = 0; index < count; index += 1) {
    double start = now();
    send_byte(SENDER, framed);
    await_byte(RECEIVER, framed);
    send_byte(RECEIVER, framed);
    await_byte(SENDER, framed);
    times[index] = (now() - start) * 1e6;
    usleep(500);
  }
  qsort(times, count, sizeof *times, compare);
  printf("%.1f %.1f\n", times[count / 2], times[count * 99 / 100]);
  return 0;
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  int framed = strcmp(argv[2], "frames") == 0;
  if (strcmp(argv[1], "bounce") == 0) return bounce(framed, atoi(argv[3]));
  return argc < 5 ? 2 : flood(framed, strtoul(argv[3], NULL, 10), atof(argv[4]));
}
