package load

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// A line is one connection to a server.
type line struct {
	net.Conn
	tcp    *net.TCPConn
	reader *bufio.Reader
	served int
}

func dial(u *url.URL, serverName string, timeout time.Duration) (*line, error) {
	conn, err := net.DialTimeout("tcp", address(u), timeout)
	if err != nil {
		return nil, err
	}
	l := &line{Conn: conn, tcp: conn.(*net.TCPConn)}
	if u.Scheme == "https" {
		// What is measured is loss; the lab's certificates are its own.
		l.Conn = tls.Client(conn, &tls.Config{ServerName: serverName, InsecureSkipVerify: true})
	}
	l.reader = bufio.NewReader(l.Conn)
	return l, nil
}

func address(u *url.URL) string {
	if u.Port() != "" {
		return u.Host
	}
	if u.Scheme == "https" {
		return net.JoinHostPort(u.Hostname(), "443")
	}
	return net.JoinHostPort(u.Hostname(), "80")
}

// alive looks, without waiting, whether the server has closed the line.
func (l *line) alive() bool {
	raw, err := l.tcp.SyscallConn()
	if err != nil {
		return false
	}
	open := false
	err = raw.Read(func(fd uintptr) bool {
		n, _, err := syscall.Recvfrom(int(fd), make([]byte, 1), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		open = n > 0 || err == syscall.EAGAIN
		return true
	})
	return err == nil && open
}

// exchange sends one request and reads its answer to the end. The answer is
// read while the request is still sent: a proxy may refuse an upload early.
func (l *line) exchange(request *http.Request, timeout time.Duration) (*http.Response, string, error) {
	if err := l.SetDeadline(time.Now().Add(timeout)); err != nil {
		return nil, "", err
	}
	sent := make(chan error, 1)
	go func() { sent <- request.Write(l) }()
	response, body, err := l.receive(request)
	if err != nil {
		l.Close() // ends a request that is still being sent
		if failure := <-sent; failure != nil {
			err = fmt.Errorf("%w (sending: %w)", err, failure)
		}
		return response, body, fmt.Errorf("request %d on its connection: %w", l.served+1, err)
	}
	l.served++
	return response, body, <-sent
}

func (l *line) receive(request *http.Request) (*http.Response, string, error) {
	response, err := http.ReadResponse(l.reader, request)
	if err != nil {
		return nil, "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, bodyLimit))
	return response, strings.TrimSpace(string(body)), err
}
