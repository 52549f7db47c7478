// Program yamux-peer is hashicorp/yamux, the implementation that defines the protocol, at one end of a
// TCP connection. The test is at the other end, and listens.
//
//	yamux-peer server PORT            echoes every stream until its end
//	yamux-peer client PORT STREAMS BYTES   sends in as many streams at once, and compares the echo
//
// It writes one line of JSON when the session is over.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"net"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/yamux"
)

type report struct {
	Streams   int    `json:"streams"`
	Resets    int    `json:"resets"`
	HasPinged bool   `json:"hasPinged"`
	Problem   string `json:"problem"`
	// The warnings and errors logged by the library itself.
	Log string `json:"log"`
}

var result report

func main() {
	var log bytes.Buffer
	problem := run(os.Args[1:], &log)
	if problem != nil {
		result.Problem = problem.Error()
	}
	result.Log = log.String()
	json.NewEncoder(os.Stdout).Encode(result)
}

func run(args []string, log io.Writer) error {
	if len(args) < 2 {
		return errors.New("a role and a port are needed")
	}
	connection, err := net.Dial("tcp", "127.0.0.1:"+args[1])
	if err != nil {
		return err
	}
	config := yamux.DefaultConfig()
	config.LogOutput = log
	if args[0] == "server" {
		session, err := yamux.Server(connection, config)
		if err != nil {
			return err
		}
		return serve(session)
	}
	session, err := yamux.Client(connection, config)
	if err != nil {
		return err
	}
	defer session.Close()
	streams, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	length, err := strconv.Atoi(args[3])
	if err != nil {
		return err
	}
	if _, err := session.Ping(); err != nil {
		return err
	}
	result.HasPinged = true
	return compareEchoes(session, streams, length)
}

func serve(session *yamux.Session) error {
	var count, resets int32
	var open sync.WaitGroup
	for {
		stream, err := session.AcceptStream()
		if err != nil {
			open.Wait()
			result.Streams, result.Resets = int(count), int(resets)
			if err == io.EOF || errors.Is(err, yamux.ErrSessionShutdown) {
				return nil
			}
			return err
		}
		count++
		open.Add(1)
		go func() {
			defer open.Done()
			if _, err := io.Copy(stream, stream); errors.Is(err, yamux.ErrConnectionReset) {
				atomic.AddInt32(&resets, 1)
			}
			stream.Close()
		}()
	}
}

func compareEchoes(session *yamux.Session, streams, length int) error {
	problems := make(chan error, streams)
	for index := 0; index < streams; index++ {
		go func(seed int64) { problems <- compareEcho(session, seed, length) }(int64(index))
	}
	for index := 0; index < streams; index++ {
		select {
		case problem := <-problems:
			if problem != nil {
				return problem
			}
			result.Streams++
		case <-time.After(60 * time.Second):
			return errors.New("a stream did not end")
		}
	}
	return nil
}

func compareEcho(session *yamux.Session, seed int64, length int) error {
	stream, err := session.OpenStream()
	if err != nil {
		return err
	}
	sent := make([]byte, length)
	rand.New(rand.NewSource(seed)).Read(sent)
	failed := make(chan error, 1)
	go func() {
		_, err := stream.Write(sent)
		// Closes one direction of the stream: what comes back is still read.
		stream.Close()
		failed <- err
	}()
	received, err := io.ReadAll(stream)
	if err != nil {
		return err
	}
	if err := <-failed; err != nil {
		return err
	}
	if !bytes.Equal(sent, received) {
		return fmt.Errorf("%d bytes came back of %d, or others", len(received), len(sent))
	}
	return nil
}
