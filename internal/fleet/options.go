package fleet

import (
	"mrsk/internal/config"
	"mrsk/internal/remote"
)

// RemoteOptions says in the terms of SSH what the ssh section of the configuration says. A user
// and a port count against the user's own ssh configuration only where the section names them.
func RemoteOptions(c config.SSH, local remote.Local) remote.Options {
	opts := remote.Options{
		Login: remote.Login{DefaultUser: "root", Port: c.Port},
		Keys:  remote.Keys{Files: c.Keys, Only: c.KeysOnly, ForwardAgent: forwarding(c)},
		Via:   remote.Via{Jump: c.Proxy, Command: c.ProxyCommand},
		Files: remote.Files{Paths: c.Config, None: c.NoConfig},
		Local: local,
	}
	if c.UserSet {
		opts.Login.User = c.User
	}
	for _, key := range c.KeyData {
		opts.Keys.Data = append(opts.Keys.Data, key.Value)
	}
	return opts
}

func forwarding(c config.SSH) remote.Forwarding {
	switch {
	case !c.ForwardAgentSet:
		return remote.ForwardAsConfigured
	case c.ForwardAgent:
		return remote.ForwardUnlessForbidden
	}
	return remote.ForwardNever
}

// Limited is opts with the limits that the sshkit section of the configuration sets.
func (opts Options) Limited(kit config.SSHKit) Options {
	opts.Starts = kit.MaxConcurrentStarts
	opts.Remote.Timing.DNSRetries = kit.DNSRetries
	if kit.DNSRetries == 0 { // 0 is "none" there, and "as usual" here
		opts.Remote.Timing.DNSRetries = -1
	}
	return opts
}
