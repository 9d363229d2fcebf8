package main

import (
	"github.com/cilium/cilium/pkg/endpoint/regeneration"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/u8proto"
)

// An owner is a pod as the engine sees whose policy it computes: one without named ports, and never a node.
type owner uint64

func (o owner) GetID() uint64 { return uint64(o) }

func (o owner) GetIngressNamedPort(string, u8proto.U8proto) uint16 { return 0 }

func (o owner) PolicyDebug(string, ...any) {}

func (o owner) IsHost() bool { return false }

func (o owner) PreviousMapStateSizes() policy.MapStateSizes { return policy.MapStateSizes{} }

func (o owner) RegenerateIfAlive(*regeneration.ExternalRegenerationMetadata) <-chan bool {
	done := make(chan bool)
	close(done)
	return done
}
