package remote

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"
)

// tcpPath holds the options of a TCP connection.
type tcpPath struct {
	network string // "tcp", or "tcp4" or "tcp6" because of AddressFamily
	from    net.IP // local address, from BindAddress; nil lets the system choose
	timeout time.Duration
}

// tcpPath reads AddressFamily and BindAddress. It looks up a BindAddress that is a name, as ssh does.
func (d *Dialer) tcpPath(ctx context.Context, l login) (tcpPath, error) {
	p := tcpPath{network: "tcp", timeout: d.connectTimeout(l)}
	switch family := strings.ToLower(l.conf.first("addressfamily")); family {
	case "", "any":
	case "inet":
		p.network = "tcp4"
	case "inet6":
		p.network = "tcp6"
	default:
		return p, fmt.Errorf("AddressFamily %s: it is any, inet or inet6", family)
	}
	bind := l.conf.first("bindaddress")
	if bind == "" || bind == "*" {
		return p, nil
	}
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	found, err := net.DefaultResolver.LookupIP(ctx, strings.Replace(p.network, "tcp", "ip", 1), bind)
	if err != nil {
		return p, fmt.Errorf("BindAddress %s: %w", bind, err)
	}
	p.from = found[0]
	return p, nil
}

func dialTCP(ctx context.Context, p tcpPath, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: p.timeout}
	if p.from != nil {
		d.LocalAddr = &net.TCPAddr{IP: p.from}
	}
	return d.DialContext(ctx, p.network, address)
}
