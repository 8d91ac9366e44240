//go:build !linux

package remote

import "net"

// quickAck does nothing: other systems cannot be asked to acknowledge at once.
func quickAck(net.Conn) {}
