package config

import (
	"strconv"
	"strings"
	"time"

	"mrsk/internal/redact"
	"mrsk/internal/yamltree"
)

var sshSection = section[SSH]{
	name: "ssh",
	doc:  "How to log in to the hosts. Keys that are not set come from the SSH configuration files.",
	fields: []field[SSH]{
		{"user", "string", "", "User to log in as.", readUser},
		{"port", "integer or string", "", "Port of the SSH server.", readSSHPort},
		{"proxy", "string", "", "Jump host, [user@]host[:port]. The default user is root.", word(func(s *SSH) *string { return &s.Proxy })},
		{"proxy_command", "string", "", "Command whose standard input and output are the connection; %h and %p are host and port. Not used with proxy.", word(func(s *SSH) *string { return &s.ProxyCommand })},
		{"keys", "array of strings", "[]", "Files with private keys, or with public keys whose private keys are in the agent.", words(func(s *SSH) *[]string { return &s.Keys })},
		{"keys_only", "boolean", "", "Offer only keys and key_data, and no other keys of the agent.", boolean(func(s *SSH) *bool { return &s.KeysOnly })},
		{"key_data", "array of strings", "[]", "Names of secrets with private keys in PEM form.", readKeyData},
		{"config", "boolean, string or array of strings", "", "SSH configuration files to read. true reads the default files, false none.", readSSHConfig},
		{"forward_agent", "boolean", "what the SSH configuration says, else false", "Forward the SSH agent to hosts for mrsk server exec. It is never forwarded to jump hosts or to hosts whose key was just accepted, and ForwardAgent no in the SSH configuration wins.", readForwardAgent},
		{"log_level", "string", "", "Accepted and ignored. Use -v to see what is done.", word(func(s *SSH) *string { return &s.LogLevel })},
	},
}

var sshkitSection = section[SSHKit]{
	name: "sshkit",
	doc:  "Limits on connections. The names are those of Kamal.",
	fields: []field[SSHKit]{
		{"max_concurrent_starts", "integer", "", "How many connections can be started at once.", intAtLeast(1, func(s *SSHKit) *int { return &s.MaxConcurrentStarts })},
		{"pool_idle_timeout", "integer", "", "Accepted and ignored: connections stay open while the command runs.", seconds(0, func(s *SSHKit) *time.Duration { return &s.PoolIdleTimeout })},
		{"dns_retries", "integer", "", "How often to retry a failed name lookup.", intAtLeast(0, func(s *SSHKit) *int { return &s.DNSRetries })},
	},
}

// KeepaliveInterval is the time between two keepalive requests to a host. After three requests without
// an answer the connection counts as lost, after 15 to 20 s. A host gives up after 20 s without a
// heartbeat, so both sides notice a cut at about the same time.
const KeepaliveInterval = 5 * time.Second

func readSSH(v value, d *draft)    { sshSection.read(v, &d.SSH) }
func readSSHKit(v value, d *draft) { sshkitSection.read(v, &d.SSHKit) }

func readUser(v value, s *SSH) {
	if user, ok := v.word(); ok {
		s.User, s.UserSet = user, true
	}
}

func readForwardAgent(v value, s *SSH) {
	boolean(func(s *SSH) *bool { return &s.ForwardAgent })(v, s)
	s.ForwardAgentSet = true
}

// readSSHPort reads a port. As in Kamal, it may be in quotes.
func readSSHPort(v value, s *SSH) {
	n, err := strconv.Atoi(v.Text)
	if v.Kind != yamltree.Scalar || !v.Quoted || err != nil {
		port(func(s *SSH) *int { return &s.Port })(v, s)
		return
	}
	if n < 1 || n > 65535 {
		v.problem("should be a port, 1 to 65535")
	}
	s.Port = n
}

// readKeyData reads names of secrets. As in Kamal, an item may also be the text of a key.
func readKeyData(v value, s *SSH) {
	items, _ := v.array()
	for _, item := range items {
		key, ok := item.word()
		switch {
		case !ok:
		case strings.Contains(key, "-----BEGIN "):
			s.KeyData = append(s.KeyData, SecretRef{Text: redact.New(key), Pos: item.Pos})
		default:
			s.KeyData = append(s.KeyData, SecretRef{Key: key, Pos: item.Pos})
		}
	}
}

func readSSHConfig(v value, s *SSH) {
	if is, ok := v.Bool(); ok {
		s.NoConfig = !is
		return
	}
	switch {
	case v.Kind == yamltree.List:
		s.Config, _ = v.words()
	case v.Kind == yamltree.Scalar && !v.Null && isFileName(v.Node):
		if file, ok := v.word(); ok {
			s.Config = []string{file}
		}
	default:
		v.shouldBe("a boolean, a string or an array of strings")
	}
}

// isFileName reports whether a scalar is a string in YAML and not a number.
func isFileName(n *yamltree.Node) bool {
	_, number := n.Int()
	return n.Quoted || !number
}
