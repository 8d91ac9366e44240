// Command client stands for docker in tests: it passes its arguments on to an engine in the process of
// the test, and does what that says. It also stands for timeout where that would start docker, which
// saves two processes for every docker command of a script.
//
// Both sides write numbers as four bytes, the highest first, and texts as their length and their bytes.
// The client begins with the number of its words and the words: its working directory and its arguments.
// The engine answers with frames, each a byte for its kind and a text:
//
//	O, E  the text is for stdout or stderr
//	R     read the file of that name; the answer is 1 and what is in it, or 0 and why it cannot be read
//	V     the same for a variable of the environment
//	X     end with the status in the text's only byte
package main

import (
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

func main() { os.Exit(run(os.Args[1:])) }

func run(words []string) int {
	if filepath.Base(os.Args[0]) == "timeout" {
		if words[1] != "docker" {
			return realTimeout()
		}
		words = words[2:]
	}
	conn, err := dial()
	if err != nil {
		_, _ = os.Stderr.WriteString("reach the docker stand-in: " + err.Error() + "\n")
		return 125
	}
	begin(conn, words)
	for {
		kind, text, err := frame(conn)
		if err != nil {
			_, _ = os.Stderr.WriteString("the docker stand-in has gone away\n")
			return 125
		}
		switch kind {
		case 'O':
			_, _ = os.Stdout.Write(text)
		case 'E':
			_, _ = os.Stderr.Write(text)
		case 'R':
			content, err := os.ReadFile(string(text))
			answer(conn, content, err)
		case 'V':
			answer(conn, []byte(os.Getenv(string(text))), nil)
		case 'X':
			return int(text[0])
		}
	}
}

// dial connects to the socket in the folder of PATH that has one, which is where this program was found.
// Package net would take most of the program's time.
func dial() (*os.File, error) {
	path := find("socket", true)
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		return nil, err
	}
	if err := syscall.Connect(fd, &syscall.SockaddrUnix{Name: path}); err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), path), nil
}

// find returns the first file of that name in PATH: in a folder with a socket, or in one without.
func find(name string, beside bool) string {
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		_, noSocket := os.Stat(filepath.Join(dir, "socket"))
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil && (noSocket == nil) == beside {
			return filepath.Join(dir, name)
		}
	}
	return ""
}

// realTimeout becomes the timeout that this program hides.
func realTimeout() int {
	path := find("timeout", false)
	_ = syscall.Exec(path, append([]string{path}, os.Args[1:]...), os.Environ())
	return 127 // there is none
}

func begin(conn io.Writer, args []string) {
	dir, _ := os.Getwd()
	words := append([]string{dir}, args...)
	request := binary.BigEndian.AppendUint32(nil, uint32(len(words)))
	for _, w := range words {
		request = appendText(request, []byte(w))
	}
	_, _ = conn.Write(request)
}

func appendText(to, text []byte) []byte {
	return append(binary.BigEndian.AppendUint32(to, uint32(len(text))), text...)
}

func answer(conn io.Writer, text []byte, err error) {
	ok := uint32(1)
	if err != nil {
		ok, text = 0, []byte(err.Error())
	}
	_, _ = conn.Write(appendText(binary.BigEndian.AppendUint32(nil, ok), text))
}

func frame(conn io.Reader) (kind byte, text []byte, err error) {
	head := make([]byte, 5)
	if _, err := io.ReadFull(conn, head); err != nil {
		return 0, nil, err
	}
	text = make([]byte, binary.BigEndian.Uint32(head[1:]))
	_, err = io.ReadFull(conn, text)
	return head[0], text, err
}
